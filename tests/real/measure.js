// Measures the mail in each of the page's frames once they have loaded, and writes what it found into the page's <pre>.
function luminance(color) {
  const [r, g, b] = color.map(part => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function parts(color) {
  return color.match(/[\d.]+/g).map(Number);
}
function ground(element) {
  for (let under = element; under; under = under.parentElement) {
    const color = parts(getComputedStyle(under).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color.slice(0, 3);
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
}
function measure(frame) {
  const mail = frame.contentDocument;
  const found = {
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: mail.documentElement.scrollWidth,
    smallest: 99, faintest: 99, texts: 0,
  };
  const walker = mail.createTreeWalker(mail.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(parts(style.color).slice(0, 3)), luminance(ground(element))];
    found.texts += 1;
    found.smallest = Math.min(found.smallest, parseFloat(style.fontSize));
    found.faintest = Math.min(found.faintest, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return found;
}
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(measure);
  document.querySelector("pre").textContent = JSON.stringify(found);
});
