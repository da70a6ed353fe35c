// What watches a rendering: it stands before it in each page, and answers to the driver when all was loaded and clicked.
// `LISTS` and `VALUES`, the published allow-list, are put in front of this file by browser.py.
(() => {
  "use strict";
  const own = document.currentScript;
  const number = Number(location.pathname.split("/").pop());
  const driver = window.parent, send = driver.postMessage.bind(driver), later = window.setTimeout.bind(window);
  const json = JSON.stringify, parseUrl = URL;
  const seen = [], off = [];
  const XHTML = "http://www.w3.org/1999/xhtml";
  let answered = false;

  const note = (found, what) => { if (found.length < 12 && !found.includes(what)) found.push(what); };
  const answer = () => {
    if (!answered) send(json({ number, seen, off }), "*");
    answered = true;
  };

  // What runs: calls that a script makes, its errors, and whatever the policy, which only reports, would have stopped.
  for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch", "stop", "moveTo", "resizeTo"]) {
    window[name] = () => { note(seen, `calls ${name}`); return null; };
  }
  for (const name of ["write", "writeln", "open"]) document[name] = () => note(seen, `calls document.${name}`);
  addEventListener("error", (event) => { if (event.isTrusted && event.target === window) note(seen, "a script fails"); }, true);
  let last = null, atEnd;
  document.addEventListener("securitypolicyviolation", (event) => {
    const directive = event.effectiveDirective;
    if (last && event.sample.includes("allClicked")) { if (event.target === last) atEnd(); }
    else if (!/^(?:img|media|font)-src$/.test(directive)) note(seen, `policy ${directive}`);  // an image of any scheme may be
  }, true);
  window.name = "watched";  // it outlives the page

  // Where it goes. What the list has may be followed, and is not: it leads away from here.
  const runs = /^(?:javascript|vbscript|data|file):$/;  // what a click may run or show, as docs/reference/html.md has it
  const address = (value) => {
    let url;
    try { url = new parseUrl(value, location.href); } catch { return true; }  // goes nowhere
    if (/^data:image\/(?:gif|png|jpeg|webp)[;,]/i.test(url.href)) return true;
    return !runs.test(url.protocol);
  };
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a, area");
    const goal = link?.href?.animVal ?? link?.href;  // of a link in SVG, by whatever means it got there
    if (goal && address(goal)) event.preventDefault();
  }, true);
  addEventListener("submit", (event) => { note(seen, "submits a form"); event.preventDefault(); }, true);
  window.navigation?.addEventListener("navigate", (event) => {
    if (event.hashChange || answered) return;
    note(seen, "navigates");
    if (event.cancelable) event.preventDefault();
  });
  addEventListener("pagehide", (event) => {
    if (!event.isTrusted) return;
    if (!answered) note(seen, "leaves the page");
    answer();
  });

  // What a reader may do: whatever a handler waits for, and clicks.
  const use = (element) => {
    for (const name of element.getAttributeNames()) {
      if (!/^on./i.test(name)) continue;
      const kind = name.slice(2).toLowerCase();
      element.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true }));
      if (element === document.body) window.dispatchEvent(new Event(kind));
    }
  };
  const click = (element) => element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  const CLICKED = "a, area, button, input, label, option, select, form, summary, isindex, math *, svg *";

  // The DOM against the allow-list.
  const isAllowed = (attribute, value, list) => {
    const pattern = VALUES[attribute];
    if (attribute === "srcset") return value.split(",").every((one) => address(one.match(/[^\t\n\f\r ]*/g).find(Boolean) ?? ""));
    if (pattern === "an address") return address(value);
    return pattern === undefined || list === LISTS.sanitised || new RegExp(`^(?:${pattern})$`, "s").test(value);
  };
  const compare = (root, list, label) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node === own) continue;
      if (node.nodeType === Node.COMMENT_NODE) { note(off, `${label}: a comment`); continue; }
      const attributes = node.namespaceURI === XHTML && list[node.localName];
      if (!attributes) { note(off, `${label}: <${node.localName}>`); continue; }
      for (const { name, value } of node.attributes) {
        const where = `${label}: <${node.localName} ${name}`;
        if (!attributes.includes(name)) note(off, `${where}>`);
        else if (!isAllowed(name, value, list)) note(off, `${where}="${value.slice(0, 80)}">`);
      }
    }
  };
  const check = () => {
    if (own.namespaceURI !== XHTML) return undefined;  // a drawing: it is only asked what runs in it
    const parts = document.body.dataset.parts;
    if (parts === undefined) return compare(document.documentElement, LISTS[own.dataset.list], own.dataset.list);
    const wanted = parts.split("|");
    const found = [...document.body.childNodes];
    const closed = (node, at) => node.dataset?.part === String(at) && node.lastChild?.dataset?.end === String(at);
    if (found.length !== wanted.length || !found.every(closed)) note(off, "a part of the page is open, or in another");
    document.querySelectorAll("body > [data-part] > [data-end]:last-child").forEach((node) => node.remove());
    for (const root of [document.documentElement, document.head, document.body]) {  // a second tag's go to the first
      for (const { name } of root.attributes) if (name !== "data-parts") note(off, `<${root.localName} ${name}>`);
    }
    document.head.querySelectorAll("*").forEach((node) => {
      if (node !== own && node.localName !== "meta") note(off, `head: <${node.localName}>`);
    });
    for (const part of document.querySelectorAll("body > [data-part]")) {
      const list = wanted[Number(part.dataset.part)];
      compare(part, LISTS[list], `${part.dataset.part} (${list})`);
    }
  };

  // The end: a link and a script of our own, one behind the other. When the page has run the one, and reported the other,
  // it has run and reported all that was clicked before, however slow it is.
  const element = (name, text, attributes) => {
    const made = document.createElementNS(document.documentElement.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    document.documentElement.append(made);
    return made;
  };
  const end = (next) => {
    window.allClicked = () => { last.remove(); last = element("script", "/* allClicked */", {}); };
    atEnd = () => { last.remove(); last = null; next(); };
    last = element("a", "", { href: "javascript:void allClicked()" });
    click(last);
  };
  const tried = (found, step) => {
    try { step(); return true; } catch (error) { note(found, `the watch is disturbed: ${error}`); return false; }
  };
  const lastLook = () => {
    if (window.name !== "watched") note(seen, "names the window");
    if (document.querySelector("iframe, frame, object, embed, portal, fencedframe")) note(seen, "frames another page");
    answer();
  };
  addEventListener("load", (event) => {
    if (!event.isTrusted) return;
    later(() => {
      tried(off, check);
      tried(seen, () => {
        document.querySelectorAll("svg").forEach((drawing) => drawing.setCurrentTime?.(1));  // animations have begun
        document.querySelectorAll("*").forEach(use);
        document.querySelectorAll(CLICKED).forEach(click);
        document.querySelectorAll("form").forEach((form) => form.requestSubmit?.());
      });
      later(() => tried(seen, () => end(lastLook)) || answer(), 20);
    }, 0);
  });
})();
