// A search form that answers at once: choosing a facet fetches the same page and swaps its marked parts; the address stays the truth.
//
// <form method="get" data-facets> … and every part to swap has an id and data-swap. [data-result-count] holds the number to announce.
// Without this the form has a plain button (class nojs-only). Back and forward fetch again.

import { toast, word } from "./words.js";

const PAUSE = 120;

export function start(form) {
  if (form.dataset.live) return;
  form.dataset.live = "1";
  let timer = 0;
  form.addEventListener("change", (event) => {
    if (event.target.type === "search" || event.target.type === "text") return;
    clearTimeout(timer);
    timer = setTimeout(() => go(address(form)), PAUSE);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); go(address(form)); });
  // Somebody may have chosen before this script arrived: the list follows the boxes.
  if ([...form.elements].some((field) => ["checkbox", "radio"].includes(field.type) && field.checked !== field.defaultChecked)) go(address(form));
  if (!bound) {
    bound = true;
    addEventListener("popstate", () => { if (document.querySelector("form[data-facets]") && location.href !== shown) go(location.href, false); });
  }
}

let bound = false;
let shown = location.href.split("#")[0];
let request = null;

/** The address of the search as the form stands: empty values left out, page one again. */
function address(form) {
  const url = new URL(form.action || location.href, location.href);
  url.search = "";
  url.hash = "";
  for (const [name, value] of new FormData(form)) if (value !== "" && name !== "page") url.searchParams.append(name, value);
  return url.href;
}

async function go(url, push = true) {
  if (url.split("#")[0] === shown) return;
  request?.abort();
  request = new AbortController();
  const parts = document.querySelectorAll("[data-swap]");
  parts.forEach((part) => part.setAttribute("aria-busy", "true"));
  try {
    const response = await fetch(url, { signal: request.signal, headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    swap(new DOMParser().parseFromString(await response.text(), "text/html"));
    shown = url.split("#")[0];
    // The hash opens the sheet on a phone; keep it so that several facets can be chosen in one go.
    if (push) history.pushState(null, "", url + location.hash);
  } catch (error) {
    parts.forEach((part) => part.removeAttribute("aria-busy"));
    if (error.name !== "AbortError") toast(word("failed"));
  }
}

function swap(fresh) {
  const focus = document.activeElement;
  const mark = focus?.name ? { name: focus.name, value: focus.value } : null;
  document.title = fresh.title;
  for (const part of document.querySelectorAll("[data-swap]")) {
    const other = fresh.getElementById(part.id);
    if (!other) continue;
    keepOpen(part, other);
    part.replaceWith(document.adoptNode(other));
    other.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
  }
  if (mark) [...document.getElementsByName(mark.name)].find((field) => field.value === mark.value)?.focus({ preventScroll: true });
  const place = document.querySelector("[data-result-count]");
  if (place) announce(word("results", { count: place.dataset.resultCount || place.textContent.trim() }));
}

/** Facets that the reader opened or closed stay so. */
function keepOpen(old, fresh) {
  for (const facet of old.querySelectorAll("details[data-facet]")) {
    const same = fresh.querySelector(`details[data-facet="${CSS.escape(facet.dataset.facet)}"]`);
    if (same) same.open = facet.open;
  }
}

let live = null;
function announce(text) {
  if (!live) {
    live = document.createElement("div");
    live.className = "vh";
    live.setAttribute("role", "status");
    document.body.append(live);
  }
  live.textContent = text;
}
