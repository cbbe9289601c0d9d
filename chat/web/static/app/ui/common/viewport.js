// Keeps the page as high as the visible part of the screen: on a phone the keyboard covers the rest.

const viewport = globalThis.visualViewport;

export function followViewport() {
  if (!viewport) return undefined;
  viewport.addEventListener("resize", fit);
  viewport.addEventListener("scroll", fit);
  fit();
  return () => {
    viewport.removeEventListener("resize", fit);
    viewport.removeEventListener("scroll", fit);
  };
}

/** Not while the user has zoomed in: the page must not move under them. */
function fit() {
  if (!viewport || Math.abs(viewport.scale - 1) > 0.01) return;
  const { style } = document.documentElement;
  style.setProperty("--seen-height", `${viewport.height}px`);
  style.setProperty("--seen-top", `${viewport.offsetTop}px`);
}
