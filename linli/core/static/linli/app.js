// What a script adds to pages that work without one: it shows photos, stops the second tap, says what failed.
// One small module, no framework; drafts.js (typing is kept), live.js and aloud.js talk to it through the event "linli:say".

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

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
  });
}, true);
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement.closest("form");
  if (!form) return;
  setBusy(form, ctx.request && ctx.request.submitter, false);
});
addEventListener("pageshow", () => { for (const form of $$("form[data-busy]")) setBusy(form, null, false); });

// Enter that ends composing pinyin is not Enter (Safari sends it as key code 229).
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.tagName === "INPUT" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
}, true);

/* == photos: small pictures, each can be taken back ======================== */
function showPhotos(box) {
  const input = box.querySelector("input[type=file]");
  // Photos the draft keeps count too, but for those somebody has said no to.
  const drops = $$(".photo--kept input", box);
  const most = () => (Number(box.dataset.photos) || 1) - drops.filter((drop) => !drop.checked).length;
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
    input.closest("label").hidden = chosen.files.length >= most();
  };
  const finish = () => { input.files = chosen.files; draw(); };
  input.addEventListener("change", () => {
    if (!input.multiple) chosen.items.clear();
    const asked = [...input.files];
    for (const file of asked.slice(0, most() - chosen.files.length)) chosen.items.add(file);
    if (asked.length && chosen.files.length === most() && input.multiple) say(`照片够了，最多 ${box.dataset.photos} 张。`, { show: true });
    finish();
  });
  for (const drop of drops) drop.addEventListener("change", () => {
    drop.closest(".photo").classList.toggle("photo--dropped", drop.checked);
    draw();
  });
  draw();
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
  // Once: a list that refreshes itself must not pull the focus away from the field being mended.
  const errors = root.querySelector("[data-errors]:not([data-ready])");
  if (errors) { errors.dataset.ready = "1"; errors.focus(); }
}
/* == a step opened by keyboard: the cursor stands where one goes on writing == */
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches("details.step") || !target.open || !target.querySelector("summary").matches(":focus-visible")) return;
  const first = target.querySelector("textarea, input:not([type=hidden]), select");
  if (first) first.focus();
}, true);

/* == a mistake that is being mended no longer shouts ======================== */
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[aria-invalid]") && !target.closest(".field--error")) return;
  const field = target.closest(".field--error");
  if (!target.value.trim() && !["radio", "checkbox"].includes(target.type)) return;
  target.removeAttribute("aria-invalid");
  if (field) {
    field.classList.remove("field--error");
    for (const line of $$(".field__error", field)) line.remove();
  }
  const summary = target.form && document.querySelector("[data-errors]");
  if (!summary) return;
  for (const link of $$("a", summary)) {
    const meant = document.getElementById(link.hash.slice(1));
    if (meant === target || (field && field.contains(meant))) link.closest("li").remove();
  }
  const left = $$("li", summary).length;
  if (!left) summary.remove();
  else summary.querySelector("h2").textContent = `有 ${left} 处要改`;
});

document.documentElement.classList.add("has-script");
tellOffline();
enhance(document);
document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  enhance(target && target.isConnected ? target : document);
});
