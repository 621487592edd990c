// SPDX-License-Identifier: Apache-2.0
// The providers' own libraries for JavaScript against the mock: plain, streaming, and a turn with a tool.  usage: sdks.mjs FOLDER BASE-URL LIBRARY
// Prints one JSON: what the library understood.
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const [folder, url, library] = process.argv.slice(2);
const load = async (name) => import(pathToFileURL(createRequire(folder + "/").resolve(name)).href);
const schema = {type: "object", properties: {pattern: {type: "string"}}, required: ["pattern"]};
const seen = {};

async function openai() {
  const {default: OpenAI} = await load("openai");
  const client = new OpenAI({apiKey: "dummy", baseURL: url + "/v1", maxRetries: 0});
  const messages = [{role: "user", content: "hi"}];
  const tools = [{type: "function", function: {name: "glob", parameters: schema}}];
  const plain = await client.chat.completions.create({model: "m", messages});
  seen.chat = [plain.choices[0].message.content, plain.choices[0].finish_reason, plain.usage.total_tokens];
  const stream = client.chat.completions.stream({model: "m", messages, stream_options: {include_usage: true}});
  const final = await stream.finalChatCompletion();
  seen.chatStream = [final.choices[0].message.content, final.choices[0].finish_reason, final.usage.total_tokens];
  const call = (await client.chat.completions.stream({model: "m", messages, tools}).finalChatCompletion()).choices[0];
  const asked = call.message.tool_calls[0];
  seen.chatTool = [asked.function.name, JSON.parse(asked.function.arguments), call.finish_reason];
  const second = [...messages, call.message, {role: "tool", tool_call_id: asked.id, content: "a"}];
  seen.chatSecond = (await client.chat.completions.create({model: "m", messages: second, tools})).choices[0].message.content;

  const flat = [{type: "function", name: "glob", parameters: schema, strict: false}];
  const response = await client.responses.create({model: "m", input: "hi"});
  seen.responses = [response.output_text, response.status, response.usage.total_tokens];
  const events = client.responses.stream({model: "m", input: "hi"});
  let text = "";
  events.on("response.output_text.delta", (event) => (text += event.delta));
  seen.responsesStream = [(await events.finalResponse()).output_text, text];
  const item = (await client.responses.stream({model: "m", input: "hi", tools: flat}).finalResponse()).output[0];
  seen.responsesTool = [item.name, JSON.parse(item.arguments), item.status];
  const input = [{role: "user", content: "hi"}, item, {type: "function_call_output", call_id: item.call_id, output: "a"}];
  seen.responsesSecond = (await client.responses.create({model: "m", input, tools: flat})).output_text;
  seen.models = (await client.models.list()).data.map((model) => model.id);
}

async function anthropic() {
  const {default: Anthropic} = await load("@anthropic-ai/sdk");
  const client = new Anthropic({apiKey: "dummy", baseURL: url, maxRetries: 0});
  const messages = [{role: "user", content: "hi"}];
  const tools = [{name: "glob", input_schema: schema}];
  const base = {model: "m", max_tokens: 10, messages};
  const plain = await client.messages.create(base);
  seen.messages = [plain.content[0].text, plain.stop_reason, plain.usage.output_tokens];
  const final = await client.messages.stream(base).finalMessage();
  seen.messagesStream = [final.content[0].text, final.stop_reason];
  const call = await client.messages.stream({...base, tools}).finalMessage();
  seen.messagesTool = [call.content[0].name, call.content[0].input, call.stop_reason];
  const result = {role: "user", content: [{type: "tool_result", tool_use_id: call.content[0].id, content: "a"}]};
  const second = [...messages, {role: "assistant", content: call.content}, result];
  seen.messagesSecond = (await client.messages.create({...base, tools, messages: second})).content[0].text;
  seen.count = (await client.messages.countTokens({model: "m", messages})).input_tokens;
  seen.anthropicModels = (await client.models.list()).data.map((model) => model.id);
}

async function gemini() {
  const {GoogleGenAI} = await load("@google/genai");
  const client = new GoogleGenAI({apiKey: "dummy", httpOptions: {baseUrl: url}});
  const contents = [{role: "user", parts: [{text: "hi"}]}];
  const config = {tools: [{functionDeclarations: [{name: "glob", parametersJsonSchema: schema}]}]};
  const plain = await client.models.generateContent({model: "m", contents});
  seen.gemini = [plain.text, plain.candidates[0].finishReason, plain.usageMetadata.totalTokenCount];
  let text = "";
  for await (const chunk of await client.models.generateContentStream({model: "m", contents})) text += chunk.text;
  seen.geminiStream = text;
  let call;
  for await (const chunk of await client.models.generateContentStream({model: "m", contents, config})) call = chunk.functionCalls[0];
  seen.geminiTool = [call.name, call.args];
  const turn = {role: "model", parts: [{functionCall: call}]};
  const result = {role: "user", parts: [{functionResponse: {name: "glob", response: {output: "a"}}}]};
  seen.geminiSecond = (await client.models.generateContent({model: "m", contents: [...contents, turn, result], config})).text;
  seen.geminiCount = (await client.models.countTokens({model: "m", contents})).totalTokens;
  seen.geminiModels = [];
  for await (const model of await client.models.list()) seen.geminiModels.push(model.name);
}

await {openai, anthropic, gemini}[library]();
console.log(JSON.stringify(seen));
