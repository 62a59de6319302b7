// Shows what has changed without reloading: a change brings the page's live parts anew.
const QUIET_MS = 150;

const status = document.getElementById('live-status');

if (status && document.querySelector('[data-live]')) {
  let source;
  let timer;

  const tell = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  const keyOf = (element) => {
    const name = ['id', 'href', 'value'].find((attribute) => element?.hasAttribute(attribute));
    return name && `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  };

  const replace = (old, fresh) => {
    const focused = old.contains(document.activeElement) && keyOf(document.activeElement);
    old.replaceWith(fresh);
    if (focused) (fresh.querySelector(focused) ?? document.getElementById('main')).focus();
  };

  const refresh = async () => {
    timer = undefined;
    const response = await fetch(location.href);
    // What the page is about may be gone: then it says so itself.
    if (!response.ok) location.reload();
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const old of document.querySelectorAll('[data-live]')) {
      const fresh = page.getElementById(old.id);
      if (!fresh || fresh.outerHTML === old.outerHTML) continue;
      replace(old, fresh);
      tell(`Updated at ${new Date().toLocaleTimeString()}.`);
    }
  };

  // Many changes at once are one refresh, and it is not put off by those that follow.
  const refreshSoon = () => {
    timer ??= setTimeout(() => refresh().catch(() => undefined), QUIET_MS);
  };

  const listen = () => {
    source = new EventSource('/changes');
    // What changed before it was open, or while the sandbox was away, has not been told.
    source.addEventListener('open', () => {
      tell('New attempts appear by themselves.');
      refreshSoon();
    });
    source.addEventListener('change', refreshSoon);
    source.addEventListener('error', () => tell('The sandbox does not answer.'));
  };

  // A browser keeps few connections to a host, so only the page in sight holds one.
  document.addEventListener('visibilitychange', () => {
    source?.close();
    if (document.visibilityState === 'visible') listen();
  });
  listen();
}
