// Where the keyboard is. `remember` notes how everything looks while it has no focus; `judge` says what is wrong with the focus as it is now.
({
  carriers(element) {
    const label = element.closest("label") || (element.labels && element.labels[0]) || null;
    return [element, label, element.nextElementSibling, element.parentElement].filter(Boolean);
  },
  lookOf(element) {
    const looks = (style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor, style.backgroundColor].join(" ");
    return this.carriers(element).map((part) => looks(getComputedStyle(part))).join("|") + looks(getComputedStyle(element, "::after"));
  },
  remember() {
    const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
    window.unfocused = new Map([...all].filter((element) => element !== document.activeElement).map((element) => [element, this.lookOf(element)]));
  },
  judge() {
    const element = document.activeElement;
    if (!element || element === document.body) return "";  // between the last and the first
    const name = `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} “${(element.textContent.trim() || element.name || "").slice(0, 20)}”`;
    const own = element.getBoundingClientRect();
    const isPutAway = own.width <= 2 || own.height <= 2 || getComputedStyle(element).opacity === "0";
    const shown = isPutAway ? element.closest("label") || element : element;
    const box = shown.getBoundingClientRect();
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight), left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    if (bottom - top < 4 || right - left < 4) return `${name} is out of sight`;
    const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + (right - left) * x, top + (bottom - top) * y]));
    const isFree = ([x, y]) => { const hit = document.elementFromPoint(x, y); return hit && (shown.contains(hit) || hit.contains(shown)); };
    if (points.filter(isFree).length < 5) return `${name} lies under something`;
    const before = window.unfocused && window.unfocused.get(element);
    if (before !== undefined && before === this.lookOf(element)) return `${name} looks the same with the focus as without`;
    return "";
  },
})
