// A list of any length, of which only what is in sight exists.

import { h } from "./words.js";

const ROWS = 100;

export class List {
  /** `fetchRows(offset)` gives up to ROWS rows; `draw(row)` the inside of one. */
  constructor({ total, rows, fetchRows, draw, onSelect, label, height = 46 }) {
    Object.assign(this, { total, fetchRows, draw, onSelect, height });
    this.blocks = new Map([[0, rows]]);
    this.at = -1;
    this.spacer = h("div", { class: "spacer" });
    this.element = h("div", { class: "list", role: "listbox", tabindex: "0", "aria-label": label }, this.spacer);
    this.spacer.style.height = `${total * height}px`;
    this.element.addEventListener("scroll", () => this.paint(), { passive: true });
    this.element.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.select(Number(row.dataset.at));
    });
    this.drawn = new Map();
    new ResizeObserver(() => this.paint()).observe(this.element);
  }

  row(at) { return this.blocks.get(Math.floor(at / ROWS))?.[at % ROWS]; }

  /** Changes what is known of rows, wherever they are: pairs of an id and a state. */
  update(changed) {
    const states = new Map(changed.map(({ id, state }) => [id, state]));
    for (const rows of this.blocks.values()) for (const row of rows) if (states.has(row.id)) row.state = states.get(row.id);
    for (const [at, element] of this.drawn) if (states.has(this.row(at)?.id)) { element.remove(); this.drawn.delete(at); }
    this.paint();
  }

  async load(at) {
    const block = Math.floor(at / ROWS);
    if (!this.blocks.has(block)) {
      this.blocks.set(block, []);
      this.blocks.set(block, await this.fetchRows(block * ROWS));
      this.paint();
    }
    return this.row(at);
  }

  async select(at, { quiet = false } = {}) {
    if (at < 0 || at >= this.total) return;
    this.at = at;
    const top = at * this.height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop + this.height) this.element.scrollTop = Math.max(0, top - this.height);
    else if (top + 2 * this.height > scrollTop + clientHeight) this.element.scrollTop = top + 2 * this.height - clientHeight;
    this.paint();
    let row = this.row(at);
    while (!row && this.at === at) { row = await this.load(at); if (!row) await new Promise((done) => setTimeout(done, 40)); }
    if (row && this.at === at && !quiet) this.onSelect(row, at);
  }

  get selected() { return this.row(this.at); }

  paint() {
    const { scrollTop, clientHeight } = this.element;
    const from = Math.max(0, Math.floor(scrollTop / this.height) - 6);
    const to = Math.min(this.total, Math.ceil((scrollTop + (clientHeight || 600)) / this.height) + 6);
    for (const [at, element] of this.drawn) if (at < from || at >= to) { element.remove(); this.drawn.delete(at); }
    for (let at = from; at < to; at += 1) {
      const row = this.row(at);
      if (!row) { this.load(at); continue; }
      let element = this.drawn.get(at);
      if (!element) {
        element = h("div", { role: "option", id: `row-${at}`, "data-at": at, "aria-posinset": at + 1, "aria-setsize": this.total, class: `row is-${row.state.name}` }, this.draw(row));
        element.style.top = `${at * this.height}px`;
        const after = [...this.drawn].filter(([other]) => other > at).sort(([a], [b]) => a - b)[0];
        this.spacer.insertBefore(element, after ? after[1] : null);
        this.drawn.set(at, element);
      }
      element.setAttribute("aria-selected", String(at === this.at));
    }
    if (this.drawn.has(this.at)) this.element.setAttribute("aria-activedescendant", `row-${this.at}`);
    else this.element.removeAttribute("aria-activedescendant");
  }
}
