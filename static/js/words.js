// The words scripts say, translated by the server (templates/layout/_words.html).

/** One phrase with its {placeholders} filled. */
export function word(key, values = {}) {
  const text = document.getElementById("words")?.dataset[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A short message at the lower edge; `action` adds one button and keeps it for ten seconds. */
export function toast(text, action = null) {
  const place = document.querySelector("[data-toasts]");
  if (!place || !text) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.append(text);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn s";
    button.textContent = action.label;
    button.addEventListener("click", () => { box.remove(); action.run(); });
    box.append(button);
  }
  place.append(box);
  setTimeout(() => box.remove(), action ? 10000 : 5000);
}
