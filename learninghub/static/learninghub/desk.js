// What the screens' library leaves to the mouse is given to the keyboard, and to a reader its icons are no words.
const NAMES = { arrow_back: "Back", dock_to_right: "Sidebar", menu: "Sidebar", school: "Learning Hub", search: "Search" };
const ICON = ".material-symbols-outlined";
const CLICKED = ":is(a:not([href]), div.cursor-pointer, span)[x-on\\:click]";
// What these open is entered at once, and Escape leads back: else the way would be through all that stands between.
const OPENS = {
    "filterOpen = true": "#changelist-filter",
    "openUserLinks = !openUserLinks": "nav:has(> div > #logout-form)",
};

const openedBy = (box) => document.querySelector(OPENS[box.getAttribute("x-on:click")] ?? "none");

function give(box) {
    box.role = "button";
    box.tabIndex = 0;
}

function name(icon) {
    const owner = icon.closest("a, button, [role=button]");
    const words = icon.textContent.trim();
    if (owner?.textContent.trim() === words) owner.ariaLabel = NAMES[words] ?? (owner.title || words);
    if (owner !== icon) icon.ariaHidden = "true";
}

function press(box) {
    box.click();
    Alpine.nextTick(() => openedBy(box)?.querySelector("a[href], input, select, [role=button]")?.focus());
}

function leave() {
    const left = [...document.querySelectorAll(CLICKED)].find((box) => openedBy(box)?.contains(document.activeElement));
    left?.focus();
    left?.click();
}

document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(CLICKED).forEach(give);
    document.querySelectorAll(ICON).forEach(name);
});

document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (!["Enter", " "].includes(event.key) || !event.target.matches?.(CLICKED)) return;
    event.preventDefault();
    press(event.target);
});

// A page is shown only when Alpine has begun, too late for `autofocus`.
document.addEventListener("alpine:initialized", () =>
    queueMicrotask(() => document.querySelector("[autofocus]")?.focus()),
);
