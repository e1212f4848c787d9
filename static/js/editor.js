// Rows of repeated groups are added and removed in place. The same buttons work as plain submits (name "add" or "remove") without script.
//
// <fieldset data-rows="ip"> holds an <ol class="rows"> of [data-row="ip-0"]; every name, id, for and aria-describedby in a row begins with its prefix.

import { toast, word } from "./words.js";

const NUMBERED = ["name", "id", "for", "aria-describedby", "value", "data-row"];

export function start(group) {
  if (group.dataset.live) return;
  group.dataset.live = "1";
  const list = group.querySelector(".rows");
  group.addEventListener("click", (event) => {
    const adder = event.target.closest("[data-row-add]");
    const remover = event.target.closest("[data-row-remove]");
    if (adder && list.children.length) { event.preventDefault(); add(group, list); }
    if (remover) { event.preventDefault(); remove(group, list, remover.closest("[data-row]")); }
  });
  settle(group, list);
}

function add(group, list) {
  const last = list.lastElementChild;
  const prefix = group.dataset.rows;
  const next = 1 + Math.max(...[...list.children].map((row) => Number(row.dataset.row.slice(prefix.length + 1))));
  const row = last.cloneNode(true);
  renumber(row, `${prefix}-${next}`);
  blank(row);
  list.append(row);
  settle(group, list);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  row.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
}

/** Give a copied row its own prefix everywhere the old one stood. */
function renumber(row, prefix) {
  const old = row.dataset.row;
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const name of NUMBERED) {
      const value = element.getAttribute(name);
      if (!value || (name === "value" && !element.matches("[data-row-remove]"))) continue;
      element.setAttribute(name, value.split(" ").map((part) => (part === old || part.startsWith(`${old}-`) ? prefix + part.slice(old.length) : part)).join(" "));
    }
    delete element.dataset.counting;
  }
}

function blank(row) {
  row.querySelectorAll(".err, [role=status]").forEach((element) => element.remove());
  row.querySelectorAll(".wrong").forEach((element) => element.classList.remove("wrong"));
  for (const field of row.querySelectorAll("input, textarea, select")) {
    field.removeAttribute("aria-invalid");
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked = false;
    else if (field.tagName === "SELECT") field.selectedIndex = 0;
    else field.value = field.defaultValue = "";
  }
}

/** The last row is emptied rather than taken away, so that there is always one to write in. */
function remove(group, list, row) {
  if (list.children.length === 1) { blank(row); row.querySelector("input, select, textarea")?.focus(); return; }
  const after = row.nextElementSibling;
  row.remove();
  settle(group, list);
  (after ?? list.lastElementChild).querySelector("[data-row-remove]")?.focus();
  toast(word("removed"), { label: word("undo"), run: () => { list.insertBefore(row, after?.isConnected ? after : null); settle(group, list); } });
  group.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Numbers in the headings, and no "add" beyond the most that is allowed. */
function settle(group, list) {
  [...list.children].forEach((row, index) => { const place = row.querySelector("[data-row-number]"); if (place) place.textContent = index + 1; });
  const most = Number(group.dataset.rowsMost || 0);
  const adder = group.querySelector("[data-row-add]");
  if (adder) adder.hidden = most > 0 && list.children.length >= most;
}
