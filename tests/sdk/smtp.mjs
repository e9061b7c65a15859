// A mail server on a local port that keeps what it gets.
import { createServer } from "node:net";

const decode = (text) =>
  Buffer.from(
    text
      .replace(/=\r\n/g, "")
      .replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
    "latin1",
  ).toString("utf8");

/** Resolves to `{ port, next, stop }`; `next(to)` resolves to the next mail to an address. */
export async function startMailServer() {
  const mails = new Map();
  const waiting = new Map();
  const queue = (map, to) => map.get(to) ?? map.set(to, []).get(to);
  const take = (to, mail) => {
    const waiter = queue(waiting, to).shift();
    if (waiter) waiter(mail);
    else queue(mails, to).push(mail);
  };
  const sockets = new Set();
  const server = createServer((socket) => {
    let buffer = "";
    let to = "";
    let inData = false;
    const say = (line) => socket.write(`${line}\r\n`);
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    say("220 sink");
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      buffer += chunk;
      for (;;) {
        const end = buffer.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          take(to, decode(text));
          say("250 taken");
        } else if (/^RCPT/i.test(text)) {
          to = /<(.*)>/.exec(text)?.[1] ?? "";
          say("250 fine");
        } else if (/^DATA/i.test(text)) {
          inData = true;
          say("354 go on");
        } else if (/^QUIT/i.test(text)) {
          say("221 bye");
          socket.end();
        } else {
          say("250 fine");
        }
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const next = (to) =>
    new Promise((resolve, reject) => {
      const mail = queue(mails, to).shift();
      if (mail) return resolve(mail);
      const timer = setTimeout(() => reject(new Error(`no mail to ${to} within 20 s`)), 20_000);
      queue(waiting, to).push((found) => {
        clearTimeout(timer);
        resolve(found);
      });
    });
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: server.address().port, next, stop };
}
