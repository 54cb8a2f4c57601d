// Asks the program. Everything that comes back is data; nothing of it is ever
// made into markup.

export class Refused extends Error {
  constructor(status, message) {
    super(message?.en ?? String(status));
    this.status = status;
    this.words = message;
  }
}

async function answer(response) {
  const body = await response.text();
  let value;
  try { value = JSON.parse(body); } catch { value = { error: { zh: body, en: body } }; }
  if (!response.ok) throw new Refused(response.status, value.error);
  return value;
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(`api/${path}`, options);
  } catch {
    throw new Refused(0, { zh: "连不上审校程序：它是否还在运行？没有确认的决定未记下", en: "the program does not answer: is it still running? What was not confirmed is not noted" });
  }
  return answer(response);
}

export function ask(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return send(`${path}?${new URLSearchParams(given)}`);
}

export function tell(path, body) {
  return send(path, { method: "POST", headers: { "content-type": "application/json", "x-jiaokan": "1" }, body: JSON.stringify(body) });
}
