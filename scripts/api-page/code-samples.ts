import { format } from 'prettier';

/** An example as OpenAPI's renderers take it, in `x-codeSamples`. */
export interface CodeSample {
  lang: 'JavaScript' | 'Python' | 'Shell';
  label: string;
  source: string;
}

/** A request to Attro, with values that it could have. */
export interface ExampleRequest {
  method: string;
  /** With its query. */
  url: string;
  /** Whether it carries a token, which the examples take from the environment as `ATTRO_TOKEN`. */
  needsToken: boolean;
  headers: Readonly<Record<string, string>>;
  body?: { type: string; value: Readonly<Record<string, unknown>> };
}

/** The same request by each of the tools that are shown; the labels are those that Redoc knows. */
export async function requestSamples(request: ExampleRequest): Promise<CodeSample[]> {
  return [
    { lang: 'Shell', label: 'curl', source: curl(request) },
    { lang: 'JavaScript', label: 'Node.js', source: await nodeRequest(request) },
  ];
}

/** How a receiver verifies and takes deliveries, and how this one is sent to try it. */
export async function deliverySamples(delivery: object): Promise<CodeSample[]> {
  return [
    {
      lang: 'JavaScript',
      label: 'Receive with Node.js',
      source: await formatted(NODE_RECEIVER, NARROW),
    },
    { lang: 'Python', label: 'Receive with Python', source: PYTHON_RECEIVER },
    { lang: 'Shell', label: 'Send with curl', source: sendByCurl(delivery) },
  ];
}

const FORM = 'application/x-www-form-urlencoded';

function curl({ method, url, needsToken, headers, body }: ExampleRequest): string {
  const isImplied = method === 'GET' || (method === 'POST' && body);
  const fields = Object.entries(body?.type === FORM ? body.value : {});
  return [
    `curl ${isImplied ? '' : `-X ${method} `}${quoted(url)}`,
    ...(needsToken ? ['-H "Authorization: Bearer $ATTRO_TOKEN"'] : []),
    ...(body && body.type !== FORM ? [`-H ${quoted(`Content-Type: ${body.type}`)}`] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...fields.map(([name, value]) => `--data-urlencode ${quoted(`${name}=${String(value)}`)}`),
    ...(body && body.type !== FORM ? [`-d ${quoted(JSON.stringify(body.value, null, 2))}`] : []),
  ].join(' \\\n  ');
}

/** A text that a shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function nodeRequest(request: ExampleRequest): Promise<string> {
  const { method, url, needsToken, headers, body } = request;
  const isForm = body?.type === FORM;
  const sent = [
    ...(needsToken ? ['Authorization: `Bearer ${process.env.ATTRO_TOKEN}`'] : []),
    ...(body && !isForm ? [`'Content-Type': ${JSON.stringify(body.type)}`] : []),
    ...Object.entries(headers).map(([name, value]) => `'${name}': ${JSON.stringify(value)}`),
  ];
  const value = JSON.stringify(body?.value, null, 2);
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(sent.length > 0 ? [`headers: { ${sent.join(', ')} }`] : []),
    ...(body
      ? [`body: ${isForm ? `new URLSearchParams(${value})` : `JSON.stringify(${value})`}`]
      : []),
  ];
  const last = options.length > 0 ? `, { ${options.join(', ')} }` : '';
  return formatted(`
    const response = await fetch(${JSON.stringify(url)}${last});
    console.log(response.status, await response.text());
  `);
}

async function formatted(code: string, printWidth = 80): Promise<string> {
  return (await format(code, { parser: 'babel', singleQuote: true, printWidth })).trimEnd();
}

/** The characters of a line in the page's column of text. */
const NARROW = 54;

const NODE_RECEIVER = `
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const { ATTRO_WEBHOOK_SECRET, PORT = '3000' } = process.env;

function isGenuine(raw, signature = '') {
  const digest = createHmac('sha256', ATTRO_WEBHOOK_SECRET).update(raw).digest('hex');
  const expected = Buffer.from(\`sha256=\${digest}\`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

createServer(async (request, response) => {
  // The bytes as they came: what is parsed and
  // written again has another signature.
  const raw = await buffer(request);
  const genuine = isGenuine(raw, request.headers['x-attro-signature']);
  response.writeHead(genuine ? 200 : 401).end();
  if (!genuine) return;
  const { event, data } = JSON.parse(raw);
  console.log(event, data.id);
}).listen(Number(PORT));
`;

const PYTHON_RECEIVER = `import hashlib
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = os.environ["ATTRO_WEBHOOK_SECRET"].encode()


def is_genuine(raw: bytes, signature: str) -> bool:
    digest = hmac.new(SECRET, raw, hashlib.sha256)
    expected = "sha256=" + digest.hexdigest()
    return hmac.compare_digest(
        signature.encode(), expected.encode()
    )


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        # The bytes as they came: what is parsed and
        # written again has another signature.
        length = int(self.headers["Content-Length"])
        raw = self.rfile.read(length)
        genuine = is_genuine(
            raw, self.headers.get("X-Attro-Signature", "")
        )
        self.send_response(200 if genuine else 401)
        self.end_headers()
        if genuine:
            body = json.loads(raw)
            print(body["event"], body["data"]["id"])


port = int(os.environ.get("PORT", "3000"))
HTTPServer(("", port), Receiver).serve_forever()`;

function sendByCurl(delivery: object): string {
  return `BODY=${quoted(JSON.stringify(delivery))}
DIGEST=$(printf %s "$BODY" |
  openssl dgst -sha256 -hmac "$ATTRO_WEBHOOK_SECRET" |
  sed 's/^.* //')
curl "\${TARGET_URL:-http://localhost:3000/}" \\
  -H 'Content-Type: application/json' \\
  -H "X-Attro-Signature: sha256=$DIGEST" \\
  --data-raw "$BODY"`;
}
