// Drafts save themselves every 20 seconds and when a field is left, without ever overwriting what somebody else saved meanwhile.
//
// The form says where: data-autosave-url, and holds a hidden input named "version". We POST the whole form there (Accept: application/json,
// X-Autosave: 1). Expected answers:
//   200 {"version": 8, "saved_at": "10:32", "quality": "<div …>" (optional, replaces #quality)}
//   409 {"theirs_url": "…" (optional), "version": 9}   -> saving stops, the conflict notice appears
//   401, 403 or a redirect to the sign-in page         -> the text is kept on this device until it is saved
//   422 {"errors": {...}}                              -> kept on the server as far as possible; errors show at the next full save
// What could not be saved stays in localStorage under the address and is offered again when the form is opened next.

import { toast, word } from "./words.js";

const EVERY = 20000;

// While a button of the pointer is held nothing may move: what is pressed on a control must be released on it to be a click.
// A release that never comes (a menu of the system took it) holds nothing up for longer than a press lasts.
const LONGEST_PRESS = 1000;
let held = null;
let letGo = () => {};
let overdue = 0;

function release() {
  clearTimeout(overdue);
  held = null;
  letGo();
}

addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  release();
  held = new Promise((resolve) => { letGo = resolve; });
  overdue = setTimeout(release, LONGEST_PRESS);
}, true);
// After the click that belongs to it.
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(release), true);

export function start(form) {
  if (form.dataset.autosaving) return;
  form.dataset.autosaving = "1";
  new Autosave(form);
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosaveUrl;
    this.key = `autosave:${this.url}`;
    this.status = document.querySelector("[data-autosave-status]");
    this.notice = document.querySelector("[data-autosave-conflict]");
    this.version = form.elements.namedItem("version");
    this.saved = served(form);
    this.stopped = false;
    this.running = null;
    this.leaving = false;
    this.offer();
    this.timer = setInterval(() => this.save(), EVERY);
    form.addEventListener("focusout", (event) => { if (event.target.matches("input, textarea, select")) this.save(); });
    form.addEventListener("save-now", () => this.save(true));
    form.addEventListener("submit", () => { this.leaving = true; clearInterval(this.timer); });
    addEventListener("online", () => this.save());
    addEventListener("pagehide", () => { if (!this.leaving && this.isDirty()) this.keep(); });
    addEventListener("pageshow", () => { this.leaving = false; });
    this.notice?.querySelector("[data-conflict-mine]")?.addEventListener("click", () => this.overwrite());
    this.save();
  }

  entries() { return entries(this.form); }

  text() { return JSON.stringify(this.entries()); }

  isDirty() { return this.text() !== this.saved; }

  say(text, isBad = false) {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.classList.toggle("bad", isBad);
  }

  async save(force = false) {
    if (this.stopped || this.leaving || this.running || (!force && !this.isDirty())) return;
    const sent = this.text();
    this.running = this.post();
    this.running.catch(() => {}); // judged below, perhaps after the pointer was let go
    try {
      await held;
      this.say(word("saving"));
      const response = await this.running;
      await held;
      await this.answer(response, sent);
    } catch {
      this.keep();
      this.say(word("unsaved"), true);
    } finally {
      this.running = null;
    }
  }

  post() {
    const body = new FormData(this.form);
    for (const [name, value] of [...body]) if (typeof value !== "string") body.delete(name);
    return fetch(this.url, { method: "POST", body: new URLSearchParams(body), headers: { Accept: "application/json", "X-Autosave": "1" }, redirect: "manual", credentials: "same-origin" });
  }

  async answer(response, sent) {
    if (response.ok) return this.accepted(await response.json(), sent);
    if (response.status === 409) return this.conflict(await response.json().catch(() => ({})));
    this.keep();
    const signedOut = response.type === "opaqueredirect" || [400, 401, 403].includes(response.status);
    this.say(word(signedOut ? "ended" : "unsaved"), true);
  }

  accepted(answer, sent) {
    if (answer.version !== undefined && this.version) this.version.value = answer.version;
    this.saved = sent;
    forget(this.key);
    this.say(word("saved", { time: answer.saved_at ?? now() }));
    const place = document.getElementById("quality");
    if (answer.quality && place) {
      const fresh = new DOMParser().parseFromString(answer.quality, "text/html").getElementById("quality");
      if (fresh) place.replaceWith(fresh);
    }
  }

  /** Somebody else saved: stop, keep the text here, let the person decide. */
  conflict(answer) {
    this.stopped = true;
    this.theirs = answer.version;
    this.keep();
    this.say("");
    if (!this.notice) { toast(word("unsaved")); return; }
    if (answer.theirs_url) this.notice.querySelector("[data-conflict-theirs]").href = answer.theirs_url;
    this.notice.hidden = false;
    this.notice.scrollIntoView({ block: "center" });
  }

  overwrite() {
    if (this.theirs !== undefined && this.version) this.version.value = this.theirs;
    this.stopped = false;
    this.notice.hidden = true;
    this.save(true);
  }

  keep() {
    try { localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), entries: this.entries() })); } catch { /* full or switched off: the page itself still holds the text */ }
  }

  /** Offer text that this device kept because it never reached the server. */
  offer() {
    const kept = read(this.key);
    if (!kept || JSON.stringify(kept.entries) === this.saved) { forget(this.key); return; }
    const box = document.createElement("div");
    box.className = "note wait";
    box.setAttribute("role", "status");
    const row = document.createElement("div");
    row.className = "row";
    const text = document.createElement("span");
    text.textContent = word("kept", { time: new Date(kept.at).toLocaleString(document.documentElement.lang) });
    row.append(text, choice(word("restore"), () => { fill(this.form, kept.entries); box.remove(); this.save(true); }), choice(word("drop"), () => { forget(this.key); box.remove(); }));
    box.append(row);
    this.form.prepend(box);
  }
}

/** The form as it would be sent, without files and without the token, to compare and to keep. */
function entries(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf_token", "version", "tab"].includes(name));
}

/** What the server sent: somebody on a slow line may have typed before this script arrived, and that is not saved yet. */
function served(form) {
  const copy = form.cloneNode(true);
  copy.reset();
  return JSON.stringify(entries(copy));
}

function choice(label, run) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn s";
  button.textContent = label;
  button.addEventListener("click", run);
  return button;
}

/** Put kept values back into the fields that still exist. */
function fill(form, entries) {
  const byName = new Map();
  for (const [name, value] of entries) byName.set(name, [...(byName.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || ["csrf_token", "version", "tab"].includes(field.name) || ["file", "submit", "button"].includes(field.type)) continue;
    const values = byName.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
    else if (values.length) field.value = values.shift();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function now() { return new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }); }

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

function forget(key) {
  try { localStorage.removeItem(key); } catch { /* storage is switched off: there is nothing to forget */ }
}
