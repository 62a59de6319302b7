// Shows what has changed without reloading: each change brings the page's live parts anew.
const QUIET_MS = 150;

if (document.querySelector('[data-live]')) {
  const status = document.getElementById('live-status');
  let source;
  let timer;

  const keyOf = (element) => {
    const name = ['id', 'href', 'value'].find((attribute) => element?.hasAttribute(attribute));
    return name && `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  };

  const refresh = async () => {
    const response = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const old of document.querySelectorAll('[data-live]')) {
      const next = fresh.getElementById(old.id);
      if (!next || next.outerHTML === old.outerHTML) continue;
      const focused = old.contains(document.activeElement) && keyOf(document.activeElement);
      old.replaceWith(next);
      if (focused) next.querySelector(focused)?.focus();
    }
  };

  const listen = () => {
    source = new EventSource('/changes');
    source.addEventListener('change', () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        await refresh();
        if (status) status.textContent = `Updated at ${new Date().toLocaleTimeString()}.`;
      }, QUIET_MS);
    });
  };

  // A browser keeps few connections to a host, so only the page in sight holds one.
  document.addEventListener('visibilitychange', () => {
    source?.close();
    if (document.visibilityState === 'visible') {
      listen();
      void refresh();
    }
  });
  listen();
}
