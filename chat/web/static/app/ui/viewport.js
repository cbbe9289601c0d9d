/** On a phone the keyboard takes its part of the screen: the page is as high as what is left to see. */
const seen = globalThis.visualViewport;

export function followViewport() {
  if (!seen) return undefined;
  seen.addEventListener("resize", fit);
  seen.addEventListener("scroll", fit);
  fit();
  return () => {
    seen.removeEventListener("resize", fit);
    seen.removeEventListener("scroll", fit);
  };
}

/** Not while somebody has zoomed in: what they look at is theirs. */
function fit() {
  if (Math.abs(seen.scale - 1) > 0.01) return;
  const style = document.documentElement.style;
  style.setProperty("--seen-height", `${seen.height}px`);
  style.setProperty("--seen-top", `${seen.offsetTop}px`);
}
