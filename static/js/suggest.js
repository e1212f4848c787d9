// Suggestions while typing: an editable combobox with a list (ARIA 1.2). Without it the search box is a plain search box.
//
// <input data-suggest-url="/zh/suggest"> asks GET <url>?q=… (and kind=… when data-suggest-kind is set) and expects
// {"items": [{"text": "…", "hint": "…", "url": "…"}]}: `url` goes there, otherwise `text` is put into the box and searched for.

import { word } from "./words.js";

const PAUSE = 80;
const MOST = 8;

export function start(input) {
  if (input.getAttribute("role") === "combobox") return;
  new Suggest(input);
}

class Suggest {
  constructor(input) {
    this.input = input;
    this.items = [];
    this.active = -1;
    this.kept = new Map();
    this.list = document.createElement("ul");
    this.list.className = "suggest";
    this.list.id = `${input.id}-list`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", document.querySelector(`label[for="${input.id}"]`)?.textContent.trim() ?? input.name);
    this.status = document.createElement("span");
    this.status.className = "vh";
    this.status.setAttribute("role", "status");
    input.closest(".box, .fld, form").append(this.list, this.status);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": this.list.id, autocomplete: "off" })) input.setAttribute(name, value);
    let timer = 0;
    let composing = false;
    input.addEventListener("compositionstart", () => { composing = true; });
    input.addEventListener("compositionend", () => { composing = false; this.ask(); });
    input.addEventListener("input", () => { clearTimeout(timer); if (!composing) timer = setTimeout(() => this.ask(), PAUSE); });
    input.addEventListener("keydown", (event) => { if (!event.isComposing) this.key(event); });
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => { const row = event.target.closest("li"); if (row) this.take(Number(row.dataset.index)); });
    // Somebody may have begun to type before this script arrived.
    if (input.value !== input.defaultValue) this.ask();
  }

  async ask() {
    const text = this.input.value.trim();
    if (!text) return this.close();
    this.request?.abort();
    this.request = new AbortController();
    try {
      if (!this.kept.has(text)) this.kept.set(text, await this.fetch(text, this.request.signal));
      if (this.input.value.trim() === text && document.activeElement === this.input) this.show(this.kept.get(text));
    } catch { this.close(); /* aborted by the next letter, or no network: suggestions are only a help */ }
  }

  async fetch(text, signal) {
    const url = new URL(this.input.dataset.suggestUrl, location.href);
    url.searchParams.set("q", text);
    if (this.input.dataset.suggestKind) url.searchParams.set("kind", this.input.dataset.suggestKind);
    const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    return ((await response.json()).items ?? []).slice(0, MOST);
  }

  show(items) {
    this.items = items;
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(...items.map((item, index) => this.row(item, index)));
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
    this.status.textContent = items.length ? word("suggestions", { count: items.length }) : "";
  }

  row(item, index) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${index}`;
    row.dataset.index = index;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const text = document.createElement("span");
    text.textContent = item.text;
    row.append(text);
    if (item.hint) {
      const hint = document.createElement("small");
      hint.textContent = item.hint;
      row.append(hint);
    }
    return row;
  }

  key(event) {
    if (event.key === "Escape" && !this.list.hidden) { event.preventDefault(); this.close(); return; }
    if (event.key === "Enter" && this.active >= 0) { event.preventDefault(); this.take(this.active); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    if (this.list.hidden) { if (step > 0) this.ask(); return; }
    event.preventDefault();
    const places = this.items.length + 1;
    this.mark(((this.active + 1 + step + places) % places) - 1);
  }

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
    const row = this.list.children[index];
    if (row) { this.input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); } else this.input.removeAttribute("aria-activedescendant");
  }

  take(index) {
    const item = this.items[index];
    this.close();
    if (item.url) { location.assign(item.url); return; }
    this.input.value = item.text;
    this.input.form?.requestSubmit();
  }

  close() {
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }
}
