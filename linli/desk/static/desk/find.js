// The one box with a script: answers hang under it while one types, arrow keys walk through them, Escape puts them away.
// Without a script the box is a form that leads to a page with the same answers.

const form = document.querySelector("[data-finder]");
if (form) {
  const box = form.querySelector("[data-find]");
  const found = form.querySelector("#found");
  const answers = () => [...found.querySelectorAll("a")];
  const show = (isShown) => { found.hidden = !isShown; };
  const clear = () => { found.replaceChildren(); show(false); };

  // Pinyin being composed is not yet a word: nothing is asked until it is one.
  box.addEventListener("input", (event) => {
    if (event.isComposing) event.stopImmediatePropagation();
    else if (!box.value.trim()) { clear(); event.stopImmediatePropagation(); }
  }, true);
  box.addEventListener("compositionend", () => box.dispatchEvent(new Event("input", { bubbles: true })));

  document.addEventListener("htmx:after:swap", () => {
    if (!found.childElementCount) return;
    if (!box.value.trim()) { clear(); return; } // the answer to what has been wiped out since
    show(form.contains(document.activeElement));
    const count = answers().length;
    document.dispatchEvent(new CustomEvent("linli:say", { detail: { words: count ? `找到 ${count} 个，按下箭头选` : "没有找到" } }));
  });
  box.addEventListener("focus", () => show(Boolean(found.childElementCount)));

  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") { clear(); box.focus(); return; }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = answers();
    if (!links.length || found.hidden) return;
    event.preventDefault();
    const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (at < 0 ? box : links[Math.min(at, links.length - 1)]).focus();
  });
  document.addEventListener("click", (event) => { if (!form.contains(event.target)) show(false); });
  form.addEventListener("focusout", (event) => { if (event.relatedTarget && !form.contains(event.relatedTarget)) show(false); });
}
