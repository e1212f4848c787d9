// What every page gets on top of plain HTML: nothing here is needed to use the site. Bigger helpers load only where a page asks for them.

import { toast, word } from "./words.js";

const root = document.documentElement;
root.classList.add("js");

/** Load a helper next to this file, with the same version in its address. */
function helper(name) {
  const here = new URL(import.meta.url);
  return import(new URL(`./${name}.js${here.search}`, here).href);
}

/** Start the helpers that a piece of the page asks for; also used after a piece was replaced. */
export function enhance(scope = document) {
  for (const [selector, name] of [["[data-suggest-url]", "suggest"], ["form[data-autosave-url]", "autosave"], ["form[data-facets]", "facets"], ["[data-rows]", "editor"]]) {
    const found = [...scope.querySelectorAll(selector)];
    if (scope.matches?.(selector)) found.push(scope);
    if (found.length) helper(name).then((module) => found.forEach((element) => module.start(element)));
  }
  scope.querySelectorAll("[data-counter]").forEach(count);
}

/** Tell how many characters are left; the words are announced only after a pause. */
function count(input) {
  const place = document.getElementById(`${input.id}-counter`);
  if (!place || input.dataset.counting) return;
  input.dataset.counting = "1";
  const most = Number(input.dataset.counter);
  const quiet = document.createElement("span");
  quiet.className = "vh";
  quiet.setAttribute("role", "status");
  place.after(quiet);
  let timer = 0;
  const show = () => {
    const left = most - [...input.value.replace(/\r\n/g, "\n")].length;
    place.textContent = left < 0 ? word("over", { count: -left }) : word("left", { count: left });
    place.classList.toggle("over", left < 0);
    clearTimeout(timer);
    timer = setTimeout(() => { quiet.textContent = left < most * 0.2 ? place.textContent : ""; }, 1000);
  };
  input.addEventListener("input", show);
  show();
}

/** A form leaves once: a second click within the same page view is dropped. Back makes it usable again. */
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target === "_blank" || "many" in form.dataset) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button) { button.classList.add("is-busy"); button.setAttribute("aria-disabled", "true"); }
    // A download or a refused navigation leaves the page standing: allow another try after a while.
    setTimeout(() => again(form), 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(again));
}

function again(form) {
  delete form.dataset.sent;
  form.querySelectorAll(".is-busy").forEach((button) => { button.classList.remove("is-busy"); button.removeAttribute("aria-disabled"); });
}

/** Menus made of <details> close on Escape, on a click elsewhere and when another opens. */
function menus() {
  const close = (except) => document.querySelectorAll("details[data-menu][open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => close(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-menu][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}

const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]") && !["checkbox", "radio", "button", "submit"].includes(target.type);

/** Single keys, never while somebody types and never with a modifier (except saving). */
function keys() {
  const list = document.getElementById("key-list");
  let pending = "";
  list?.querySelector("[data-close]").addEventListener("click", () => list.close());
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      const form = document.querySelector("form[data-autosave-url]");
      if (form) { event.preventDefault(); form.dispatchEvent(new CustomEvent("save-now")); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || list?.open) return;
    if (pending === "g" && event.key === "h") document.querySelector(".logo")?.click();
    else if (pending === "g" && event.key === "m") document.getElementById("main")?.focus();
    else if (event.key === "?") list?.showModal();
    else if (event.key === "/") {
      event.preventDefault();
      toSearch();
    }
    pending = event.key === "g" ? "g" : "";
  });
}

/** Into the page's search box; from a page without one, to the box of the search. */
function toSearch() {
  const box = document.querySelector("[role=search] input[type=search]");
  if (box) { box.focus(); box.select(); return; }
  const page = document.querySelector('.nav a[href*="/search"]');
  if (page) location.assign(`${page.href.split("?")[0]}#q`);
}

/** Buttons that copy an address. */
function copying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast(word("copied"));
    } catch { toast(word("failed")); }
  });
}

sendOnce();
menus();
keys();
copying();
enhance();
document.querySelector("[data-error-summary]")?.focus();
document.addEventListener("fresh", (event) => enhance(event.target));
document.addEventListener("htmx:load", (event) => enhance(event.target));
document.addEventListener("htmx:responseError", () => toast(word("failed")));
document.addEventListener("htmx:sendError", () => toast(word("failed")));
