// Shows what has changed without reloading: while the page is in sight, its live part is brought anew.
const EVERY_MS = 1000;

const status = document.getElementById('live-status');

const keyOf = (element) => {
  const name = ['id', 'href', 'value'].find((attribute) => element?.hasAttribute(attribute));
  return name && `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]`;
};

const refresh = async (old) => {
  const response = await fetch(location.href);
  // What the page is about may be gone: then it says so itself.
  if (!response.ok) location.reload();
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const fresh = page.getElementById('live');
  if (!fresh || fresh.outerHTML === old.outerHTML) return;
  const focused = old.contains(document.activeElement) && keyOf(document.activeElement);
  old.replaceWith(fresh);
  if (focused) (fresh.querySelector(focused) ?? document.getElementById('main')).focus();
};

const keepUp = async () => {
  const live = document.getElementById('live');
  if (!live) return;
  if (document.visibilityState === 'visible') {
    status.textContent = await refresh(live).then(
      () => 'New attempts appear by themselves.',
      () => 'The sandbox does not answer.',
    );
  }
  setTimeout(keepUp, EVERY_MS);
};

keepUp();
