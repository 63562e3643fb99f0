// A shop that sells mugs for USDC, over Baton's HTTP API. The types in baton.d.ts are made of its OpenAPI document.
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import createClient from "openapi-fetch";
import { Webhook } from "standardwebhooks";
import type { paths } from "./baton.js";

const { BATON_URL = "http://127.0.0.1:8080", BATON_TOKEN = "", SHOP_SECRET = "", PORT = "8070" } = process.env;
const baton = createClient<paths>({ baseUrl: BATON_URL, headers: { Authorization: `Bearer ${BATON_TOKEN}` } });
const webhook = new Webhook(SHOP_SECRET);

// A real shop has these two in its database, and changes both in one transaction.
const sales = new Map<string, { state: string; note: string; instruction?: string; pay_at?: string | null }>();
const handled = new Set<string>();

type BatonEvent = { id: string; type: string; reference: string; data: { outcome?: string } };

async function sell(_: IncomingMessage, response: ServerResponse) {
  const reference = `mug-${randomBytes(6).toString("hex")}`;
  sales.set(reference, { state: "waiting", note: "" });
  const { data, error } = await baton.POST("/v1/orders", {
    body: {
      reference,
      sourceChain: "base",
      sourceAsset: "USDC",
      destinationChain: "spark",
      destinationAsset: "BTC",
      amount: "25000000",
      recipientAddress: "spark1pgssy7d7vel0nh9m4326qc54e6rskpczn07dktww9rv4nu5ptvt0s9uc489gg2",
    },
  });
  if (error) return response.writeHead(422).end(JSON.stringify(error));
  const amount = data.amounts?.in?.display ?? data.amount_in;
  const instruction = `Pay ${amount} ${data.source_asset} on ${data.source_chain} to ${data.deposit_address}`;
  sales.set(reference, { state: "waiting", note: "", instruction, pay_at: data.payer_page });
  response.writeHead(303, { Location: `/sales/${reference}` }).end();
}

async function notified(request: IncomingMessage, response: ServerResponse) {
  const body = Buffer.concat(await request.toArray()).toString();
  try {
    webhook.verify(body, request.headers as Record<string, string>);
  } catch {
    return response.writeHead(401).end(); // anything but 2xx: Baton sends it again
  }
  const event = JSON.parse(body) as BatonEvent;
  if (!handled.has(event.id) && event.type === "order.closed") {
    const state = event.data.outcome === "completed" ? "paid" : "unpaid";
    sales.set(event.reference, { ...sales.get(event.reference), state, note: event.data.outcome ?? "" });
  }
  handled.add(event.id);
  response.writeHead(204).end();
}

createServer(async (request, response) => {
  const [, first, id = ""] = (request.url ?? "").split("/");
  if (request.method === "POST" && first === "sales") return sell(request, response);
  if (request.method === "POST" && first === "notifications") return notified(request, response);
  const sale = sales.get(id);
  response.writeHead(sale ? 200 : 404, { "Content-Type": "application/json" }).end(JSON.stringify(sale ?? {}));
}).listen(Number(PORT), "127.0.0.1", () => console.log(`the shop is open on port ${PORT}`));
