// What the keyboard can do at the desk. Single keys work only where nobody is typing, never while an input method composes, and can be
// switched off (WCAG 2.1.4). Everything here can also be done with Tab, Enter and the mouse.

const OFF = "linli.keys.off";
const isOff = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const isShown = (element) => Boolean(element) && element.getClientRects().length > 0;
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)].filter(isShown);
const isTyping = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])");
const isComposing = (event) => event.isComposing || event.keyCode === 229 || composing;
const dialog = document.getElementById("keys");

// Between compositionstart and compositionend every key belongs to the input method; Safari tells the end before the last keydown.
let composing = false;
document.addEventListener("compositionstart", () => { composing = true; }, true);
document.addEventListener("compositionend", () => { setTimeout(() => { composing = false; }); }, true);

/* == rows: j and k ========================================================== */
const rows = () => $$("#main [data-row], #main .rows > li, #main .rows > .row, #main table.table:not(.facts) tbody tr").filter((row) => row.querySelector("a[href]") || row.matches("a[href]"));
const linkOf = (row) => (row.matches("a[href]") ? row : row.querySelector("a[href]"));
function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const chosen = all.findIndex((row) => row.classList.contains("is-chosen"));
  const from = at >= 0 ? at : chosen;
  const next = all[from < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, from + by))];
  linkOf(next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  clearTimeout(step.pause); // one who holds the key down wants the last, not each
  step.pause = setTimeout(() => document.dispatchEvent(new CustomEvent("linli:row", { detail: { row: next } })), 150);
  return true;
}

/* == the deeds ============================================================== */
function find() {
  const box = $$("[data-find]")[0] || $$("#main input[type=search]")[0] || $$("input[type=search]")[0];
  if (!box) return false;
  box.focus();
  box.select();
  return true;
}
function accept() {
  const row = document.activeElement.closest("[data-row]");
  const button = (row && row.querySelector("form button")) || $$("[data-accept]")[0];
  if (!isShown(button)) return false;
  button.click();
  return true;
}
function save() {
  const near = document.activeElement.closest("form");
  const open = $$("details[open] form[method=post], form[data-keep]");
  const form = near && near.method === "post" ? near : (open.length === 1 ? open[0] : null);
  if (!form || form.closest(".bar, .side, .helper, .foot")) return;
  form.requestSubmit();
}
function show() {
  if (!dialog || dialog.open) return false;
  const box = dialog.querySelector("[data-keys-on]");
  if (box) box.checked = !isOff();
  dialog.showModal();
  return true;
}
function escape(event) {
  const open = $$("details.helper[open], details[data-menu][open]").pop();
  if (open) { open.open = false; open.querySelector("summary").focus(); return true; }
  if (isTyping(event.target)) { event.target.blur(); return true; }
  const ask = new CustomEvent("linli:escape", { cancelable: true });
  document.dispatchEvent(ask);
  return ask.defaultPrevented;
}

const SINGLE = { "/": find, j: () => step(1), k: () => step(-1), a: accept, "?": show };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isComposing(event)) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault(); // the browser would save the page as a file
    if (!event.repeat && !(dialog && dialog.open)) save();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || (dialog && dialog.open)) return;
  if (event.key === "Escape") { if (escape(event)) event.preventDefault(); return; }
  if (roves(event)) return;
  if (isTyping(event.target) || isOff()) return;
  const deed = SINGLE[event.key] || SINGLE[event.key.toLowerCase()];
  if (deed && !(event.repeat && event.key === "a") && deed()) event.preventDefault();
});

/* == arrow keys inside what opens: menus, sheets, the helper ================= */
function roves(event) {
  if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return false;
  const box = event.target.closest("[data-roving], .popover, .sheet, .helper[open], nav.side");
  if (!box || isTyping(event.target) || event.target.matches("input")) return false;
  const items = $$("a[href], button:not([disabled]), summary, input:not([type=hidden])", box);
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  const item = items[(to + items.length) % items.length];
  if (!item) return false;
  event.preventDefault();
  item.focus();
  return true;
}

/* == the hints, where there is a keyboard to press ========================== */
if (dialog) {
  for (const button of dialog.querySelectorAll("[data-keys-close]")) button.addEventListener("click", () => dialog.close());
  const box = dialog.querySelector("[data-keys-on]");
  if (box) {
    box.addEventListener("change", () => {
      try { localStorage.setItem(OFF, box.checked ? "0" : "1"); } catch { /* it holds for this page */ }
      hint();
    });
  }
}
document.addEventListener("click", (event) => { if (event.target.closest("[data-keys-open]")) show(); });
function hint() {
  for (const place of document.querySelectorAll("[data-keys-hint], [data-keys-open]")) place.hidden = isOff() && !place.matches("[data-keys-open]");
}
hint();
document.addEventListener("linli:rows", hint);
