// What a script adds to pages that work without one: it keeps typing, shows photos, stops the second tap, says what failed.
// One small module, no framework; live.js and read-aloud talk to it through the event "linli:say".

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const clock = () => new Date().toTimeString().slice(0, 5);

/* Say something to everyone: read aloud by screen readers, and shown for a while. */
function say(words, { show = false } = {}) {
  const region = document.getElementById("say");
  if (region) region.textContent = words;
  const toasts = document.getElementById("toasts");
  if (!show || !toasts) return;
  for (const old of [...toasts.children]) if (old.textContent === words) old.remove();
  const toast = document.createElement("div");
  toast.className = "toast";
  const line = document.createElement("p");
  line.textContent = words;
  toast.append(line);
  toasts.append(toast);
  setTimeout(() => toast.remove(), 10000);
}
document.addEventListener("linli:say", (event) => say(event.detail.words, event.detail));

/* == typing is kept in this tab until the form is sent ===================== */
// <form data-keep="report" …>. Never passwords, codes, files or hidden values; sessionStorage ends with the tab.
const KEPT = "linli.kept:";
const keyOf = (form) => `${KEPT}${location.pathname}:${form.dataset.keep}`;
const keptFields = (form) => [...form.elements].filter((field) =>
  field.name && !field.disabled && !["hidden", "password", "file", "submit", "button"].includes(field.type)
  && field.autocomplete !== "one-time-code");

function readKept(key) {
  try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
}
function writeKept(key, kept) {
  try { sessionStorage.setItem(key, JSON.stringify(kept)); return true; } catch { return false; }
}
function valueOf(field) {
  return ["checkbox", "radio"].includes(field.type) ? field.checked : field.value;
}
function startOf(field) {
  if (["checkbox", "radio"].includes(field.type)) return field.defaultChecked;
  if (field.tagName === "SELECT") return ([...field.options].find((o) => o.defaultSelected) || field.options[0] || {}).value;
  return field.defaultValue;
}
const nameIn = (field) => (["checkbox", "radio"].includes(field.type) ? `${field.name}=${field.value}` : field.name);

function keep(form, more = {}) {
  const fields = keptFields(form);
  const isUntouched = fields.every((field) => valueOf(field) === startOf(field)) && !form.querySelector("[aria-invalid]");
  if (isUntouched) { sessionStorage.removeItem(keyOf(form)); return; }
  const values = Object.fromEntries(fields.map((field) => [nameIn(field), valueOf(field)]));
  if (writeKept(keyOf(form), { values, ...more })) {
    for (const place of $$("[data-kept]")) { place.hidden = false; place.textContent = `已记住 ${clock()}`; }
  }
}
function bringBack(form) {
  const kept = readKept(keyOf(form));
  if (!kept || form.querySelector("[aria-invalid]")) return; // the server has sent back what was typed, with its errors
  const fields = keptFields(form);
  if (fields.some((field) => valueOf(field) !== startOf(field))) return;
  let isChanged = false;
  for (const field of fields) {
    const value = kept.values[nameIn(field)];
    if (value === undefined || value === valueOf(field)) continue;
    if (typeof value === "boolean") field.checked = value; else field.value = value;
    isChanged = true;
  }
  if (isChanged) say("接着上次没写完的。", { show: true });
}
// A form that was sent is forgotten on the next page, unless one came back to it: then it did not arrive.
function forgetSent() {
  const [entry] = performance.getEntriesByType("navigation");
  const cameBack = entry && entry.type !== "navigate";
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT))) {
    const kept = readKept(key);
    if (!kept || !kept.sent) continue;
    if (cameBack) writeKept(key, { values: kept.values }); else sessionStorage.removeItem(key);
  }
}
let pause = 0;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form || !form.dataset.keep) return;
  clearTimeout(pause);
  pause = setTimeout(() => { if (!form.dataset.busy) keep(form); }, 400);
});
addEventListener("pagehide", () => { for (const form of $$("form[data-keep]")) if (!form.dataset.busy) keep(form); });

/* == one tap is enough ===================================================== */
function setBusy(form, button, isBusy) {
  if (isBusy) form.dataset.busy = "1"; else delete form.dataset.busy;
  form.toggleAttribute("aria-busy", isBusy);
  for (const one of $$("button:not([type=button])", form).concat(button || [])) {
    if (isBusy) one.setAttribute("aria-disabled", "true"); else one.removeAttribute("aria-disabled");
  }
}
// Capture: before htmx hears of the second submit and queues it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.busy) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.method !== "post") return;
  const button = event.submitter;
  setTimeout(() => {
    const isHtmx = form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");
    if (event.defaultPrevented && !isHtmx) return;
    setBusy(form, button, true);
    if (form.dataset.keep) keep(form, { sent: !isHtmx });
  });
}, true);
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement.closest("form");
  if (!form) return;
  setBusy(form, ctx.request && ctx.request.submitter, false);
  if (form.dataset.keep && ctx.response && ctx.response.status < 400) sessionStorage.removeItem(keyOf(form));
});
addEventListener("pageshow", () => { for (const form of $$("form[data-busy]")) setBusy(form, null, false); });

// Enter that ends composing pinyin is not Enter (Safari sends it as key code 229).
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.tagName === "INPUT" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
}, true);

/* == photos: small pictures, each can be taken back ======================== */
function showPhotos(box) {
  const input = box.querySelector("input[type=file]");
  const most = Number(box.dataset.photos) || 1;
  const chosen = new DataTransfer();
  const draw = () => {
    for (const old of $$(".photo--chosen", box)) { URL.revokeObjectURL(old.querySelector("img").src); old.remove(); }
    [...chosen.files].forEach((file, index) => {
      const frame = document.createElement("div");
      frame.className = "photo photo--chosen";
      const picture = document.createElement("img");
      picture.src = URL.createObjectURL(file);
      picture.alt = `照片 ${index + 1}`;
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", `不要照片 ${index + 1}`);
      const sign = box.querySelector(".photos__pick .icon").cloneNode(true);
      const use = sign.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#i-cross"));
      button.append(sign);
      button.addEventListener("click", () => { chosen.items.remove(index); finish(); say(`照片 ${index + 1} 拿掉了`); input.focus(); });
      frame.append(picture, button);
      box.insertBefore(frame, input.closest("label"));
    });
    input.closest("label").hidden = chosen.files.length >= most;
  };
  const finish = () => { input.files = chosen.files; draw(); };
  input.addEventListener("change", () => {
    if (!input.multiple) chosen.items.clear();
    const asked = [...input.files];
    for (const file of asked.slice(0, most - chosen.files.length)) chosen.items.add(file);
    if (asked.length && chosen.files.length === most && most > 1) say(`照片够了，最多 ${most} 张。`, { show: true });
    finish();
  });
}

/* == copy, print, back: buttons that are hidden until a script can do it ==== */
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    try { await navigator.clipboard.writeText(copy.dataset.copy); say(`${copy.dataset.copy} 已复制`, { show: true }); }
    catch { say(`这台手机不让自动复制，请长按选中 ${copy.dataset.copy}`, { show: true }); }
  }
  if (event.target.closest("[data-print]")) window.print();
  if (event.target.closest("[data-back]")) history.back();
});

/* == what failed is said beside what one was doing, and nothing typed is lost = */
document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (ctx.hx.retarget || !ctx.text.includes("data-problem")) return;
  ctx.hx.retarget = "#problem";
  ctx.hx.reswap = "innerHTML show:top";
  ctx.hx.reselect = "[data-problem]";
});
// A list that refreshes itself fails in silence: live.js says beside it how old it is.
const isByHand = (event) => !event.detail.ctx || !event.detail.ctx.sourceElement.matches("[data-live]");
document.addEventListener("htmx:error", (event) => {
  if (isByHand(event)) say("没有网络，这一步还没有发出去。写的字还在，有网再点一次。", { show: true });
});
document.addEventListener("htmx:before:request", (event) => {
  const problem = document.getElementById("problem");
  if (problem && isByHand(event)) problem.replaceChildren();
});

function tellOffline() {
  for (const banner of $$("[data-offline]")) banner.hidden = navigator.onLine;
}
addEventListener("online", tellOffline);
addEventListener("offline", tellOffline);

/* == once for every piece of page, the first and each that htmx brings ====== */
function enhance(root) {
  for (const box of $$("[data-photos]:not([data-ready])", root)) { box.dataset.ready = "1"; showPhotos(box); }
  for (const button of $$("[data-copy], [data-print], [data-back]", root)) button.hidden = false;
  for (const form of $$("form[data-keep]:not([data-ready])", root)) { form.dataset.ready = "1"; bringBack(form); }
  // Once: a list that refreshes itself must not pull the focus away from the field being mended.
  const errors = root.querySelector("[data-errors]:not([data-ready])");
  if (errors) { errors.dataset.ready = "1"; errors.focus(); }
}
document.documentElement.classList.add("has-script");
forgetSent();
tellOffline();
enhance(document);
document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  enhance(target && target.isConnected ? target : document);
});
