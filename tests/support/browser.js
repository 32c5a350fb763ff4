// Runs in every page before its own scripts: tells what the policy refused, and how the focus looks.
document.addEventListener("securitypolicyviolation", (event) =>
    refused(JSON.stringify({ directive: event.effectiveDirective, blocked: event.blockedURI })),
);

globalThis.desk = (() => {
    let left, before;
    const visited = new Set();
    const focused = () => (document.activeElement === document.body ? null : document.activeElement);
    const markup = (element) => element.outerHTML.slice(0, 200);
    const ring = (element) => {
        element.getAnimations().forEach((one) => one.finish()); // a transition begins with the look of before
        const style = getComputedStyle(element);
        const outline = style.outlineStyle === "none" || style.outlineWidth === "0px" ? "" : style.outline;
        return [outline, style.boxShadow, style.borderColor].join("; ");
    };
    // A box may wear the ring of the field in it.
    const look = (element) => ring(element) + ring(element.parentElement);
    return {
        focused,
        remember() {
            left = focused();
            before = left && look(left);
            visited.add(left);
        },
        unseen: () => (left && look(left) === before ? [markup(left)] : []),
        isInView() {
            const box = focused().getClientRects()[0];
            return focused().contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
        },
        unreached() {
            const isReached = (element) => [...visited].some((one) => one?.contains(element) || element.contains(one));
            return [...document.querySelectorAll("body *")]
                .filter((element) => getComputedStyle(element).cursor === "pointer" && element.checkVisibility())
                .filter((element) => !isReached(element))
                .map(markup);
        },
        // Timers of the load, such as Alpine's for the next tick, come before the second frame's.
        drawn: () =>
            new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
    };
})();
