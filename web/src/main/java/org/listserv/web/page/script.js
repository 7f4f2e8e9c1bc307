// What a page can do without, and is nicer with: keys, local times, copying. Nothing is loaded, nothing is sent, no element is needed.
(() => {
  "use strict";

  const KEPT = "listserv-keys";
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);

  // --- local times, as a tooltip: what is printed or saved stays UTC

  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  for (const time of all("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (time.dateTime.includes("T") && !Number.isNaN(at.getTime())) {
      time.title = "Here: " + local.format(at);
    }
  }

  // --- copying

  const told = document.createElement("p");
  told.className = "aloud";
  told.setAttribute("role", "status");
  document.body.append(told);
  const tell = (text) => { told.textContent = text; };
  const copy = (text, what) => navigator.clipboard.writeText(text).then(() => tell(what + " copied"), () => tell("Not copied"));

  if (navigator.clipboard) {
    for (const name of all("dl.fields dt")) {
      if (name.textContent === "Message-ID") {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "copy";
        button.textContent = "Copy";
        button.setAttribute("aria-label", "Copy the Message-ID");
        const id = name.nextElementSibling.textContent;
        button.addEventListener("click", () => copy(id, "Message-ID"));
        name.nextElementSibling.append(" ", button);
      }
    }
  }

  // --- lists, as their names are typed

  const filter = one("#filter");
  if (filter && !one("a[rel=next]")) {
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of all("table.rows tbody tr")) {
        const text = row.cells[0].textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += row.hidden ? 0 : 1;
      }
      for (const section of all("main section")) {
        section.hidden = !section.querySelector("tbody tr:not([hidden])");
      }
      tell(shown === 1 ? "1 list" : shown + " lists");
    });
  }

  // --- keys

  let on = true;
  try {
    on = localStorage.getItem(KEPT) !== "off";
  } catch {
    // a browser that keeps nothing: keys are on
  }

  const stops = () => all("article.letter, ol.hits > li, table.rows tbody tr, .topics > li");
  let at = -1;
  const visit = (step) => {
    const list = stops();
    if (list.length === 0) {
      return;
    }
    const focused = list.findIndex((stop) => stop.contains(document.activeElement));
    at = Math.max(0, Math.min(list.length - 1, (focused >= 0 ? focused : at) + step));
    const stop = list[at];
    const link = stop.querySelector("a[href]") || stop;
    if (link === stop) {
      stop.tabIndex = -1;
    }
    stop.scrollIntoView({ block: "start" });
    link.focus({ preventScroll: true });
  };
  const follow = (selector) => {
    const link = typeof selector === "string" ? one(selector) : selector;
    if (link && link.href) {
      location.assign(link.href);
    }
  };
  const crumbs = () => all(".crumbs a");

  const KEYS = {
    "/": ["search", () => { const box = one("main input[type=search], .seek input[type=search]"); if (box) { box.focus(); box.select(); } }],
    s: ["search", () => KEYS["/"][1]()],
    j: ["next message or row", () => visit(1)],
    k: ["previous message or row", () => visit(-1)],
    n: ["next page, or later on the list", () => follow("a[rel~=next]")],
    p: ["previous page, or earlier on the list", () => follow("a[rel~=prev]")],
    o: ["open", () => { const stop = stops()[at]; follow(document.activeElement && document.activeElement.href ? document.activeElement : stop && stop.querySelector("a[href]")); }],
    u: ["up", () => follow(crumbs().at(-1))],
    g: ["then l: the list, then m: the month", () => {}],
    "[": ["the message answered", () => follow(all("article.letter")[Math.max(0, at)]?.querySelector("header a[href]:not(.number)") || "header .by a[href]:not(.number)")],
    r: ["reply by mail", () => follow(all("article.letter")[Math.max(0, at)]?.querySelector("a[href^='mailto:']"))],
    q: ["fold or unfold quotes", () => { const folds = all("article.letter details"); const open = folds.some((fold) => !fold.open); folds.forEach((fold) => { fold.open = open; }); }],
    ".": ["copy the address of this page", () => copy(one("link[rel=canonical]")?.href || location.href, "Address")],
    "?": ["these keys", () => help()],
  };

  let dialog = null;
  const help = () => {
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.className = "keys";
      dialog.setAttribute("aria-labelledby", "keys-title");
      const title = document.createElement("h2");
      title.id = "keys-title";
      title.textContent = "Keys";
      const list = document.createElement("dl");
      list.className = "fields";
      for (const [key, [does]] of Object.entries(KEYS)) {
        const term = document.createElement("dt");
        const code = document.createElement("kbd");
        code.textContent = key;
        term.append(code);
        const meaning = document.createElement("dd");
        meaning.textContent = does;
        list.append(term, meaning);
      }
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = on;
      box.addEventListener("change", () => {
        on = box.checked;
        try {
          localStorage.setItem(KEPT, on ? "on" : "off");
        } catch {
          // for this page only, then
        }
      });
      label.append(box, " Single keys work on these pages (? always does)");
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = "Close";
      close.addEventListener("click", () => dialog.close());
      dialog.append(title, list, label, close);
      document.body.append(dialog);
    }
    dialog.showModal();
  };

  const foot = one(".foot ul");
  if (foot) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = "Keys";
    button.addEventListener("click", help);
    item.append(button);
    foot.append(item);
  }

  let before = "";
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || target.isContentEditable
      || /^(input|textarea|select)$/i.test(target.tagName) || (dialog && dialog.open) || (!on && event.key !== "?")) {
      return;
    }
    const after = before;
    before = event.key;
    if (after === "g" && (event.key === "l" || event.key === "m")) {
      event.preventDefault();
      follow(event.key === "l" ? crumbs()[1] || crumbs()[0] : crumbs()[2]);
    } else if (Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key][1]();
    }
  });
})();
