// The official openai npm SDK, unchanged, against the real gateway: an OpenAI-shaped upstream and Anthropic behind it.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import OpenAI from 'openai';

import { startWorld, until } from './world.mjs';

let world, client;

before(async () => {
  world = await startWorld();
  client = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: 'sk-client-anything', maxRetries: 0 });
});
beforeEach(() => world.upstream.reset());
after(async () => assert.equal(await world.stop(), 0));

const user = (content) => [{ role: 'user', content }];
const weather = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};
const clock = { type: 'function', function: { name: 'clock', parameters: { type: 'object', properties: {} } } };

for (const model of ['up/gpt-4o', 'claude/claude-sonnet-4-5']) {
  describe(model, () => {
    test('a question gets its answer', async () => {
      const answer = await client.chat.completions.create({ model, messages: user('Grüße 漢字 😀') });
      assert.equal(answer.choices[0].message.content, 'Grüße 漢字 😀');
      assert.equal(answer.choices[0].finish_reason, 'stop');
      assert.ok(answer._request_id);
    });

    test('a raw stream comes word by word', async () => {
      let text = '';
      const stream = await client.chat.completions.create({ model, messages: user('one two three'), stream: true });
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      assert.equal(text, 'one two three');
    });

    test('the stream helper puts the answer and its usage together', async () => {
      const stream = client.chat.completions.stream({ model, messages: user('one two three'), stream_options: { include_usage: true } });
      assert.equal(await stream.finalContent(), 'one two three');
      assert.ok((await stream.totalUsage()).completion_tokens >= 3);
    });

    test('the stream helper puts parallel tool calls together', async () => {
      const stream = client.chat.completions.stream({ model, messages: user('call tools with {"city": "Zürich 😀"}'), tools: [weather, clock] });
      const { choices } = await stream.finalChatCompletion();
      assert.equal(choices[0].finish_reason, 'tool_calls');
      assert.deepEqual(choices[0].message.tool_calls.map((c) => [c.function.name, JSON.parse(c.function.arguments)]), [
        ['weather', { city: 'Zürich 😀' }],
        ['clock', { city: 'Zürich 😀' }],
      ]);
    });

    for (const stream of [false, true]) {
      test(`runTools goes round until the answer is there, ${stream ? 'streamed' : 'whole'}`, async () => {
        const asked = [];
        const tool = {
          type: 'function',
          function: { ...weather.function, parse: JSON.parse, function: ({ city }) => (asked.push(city), `sunny in ${city}`) },
        };
        const runner = client.chat.completions.runTools({ model, messages: user('call tools with {"city": "Ulm"}'), tools: [tool], stream });
        assert.equal(await runner.finalContent(), 'tool said: sunny in Ulm');
        assert.deepEqual(asked, ['Ulm']);
      });
    }

    test('a structured answer parses', async () => {
      const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false };
      const response_format = { type: 'json_schema', json_schema: { name: 'city', strict: true, schema } };
      const answer = await client.chat.completions.parse({ model, messages: user('a city'), response_format });
      assert.ok(JSON.parse(answer.choices[0].message.content).name);
    });

    test('an abort cancels the upstream within 100 ms', async () => {
      await world.upstream.next({ event_ms: 20 });
      const stream = await client.chat.completions.create({ model, messages: user('long answer 5000'), stream: true });
      let left;
      for await (const _ of stream) {
        if (left === undefined) {
          stream.controller.abort();
          left = Date.now() / 1000;
        }
      }
      const cut = await until(async () => (await world.upstream.requests())[0].cut_at, 'the upstream request is cut');
      // the SDK's own way to close a socket takes about 20 ms of it
      assert.ok(cut - left < 0.15 * Number(process.env.RECLOSER_SLOW || '1'), `${cut - left} s`);
    });

    test('a broken stream throws', async () => {
      await world.upstream.next({ error_event: { after: 3, fail: 'overloaded' }, event_ms: 5 });
      const stream = await client.chat.completions.create({ model, messages: user('one two three four'), stream: true });
      await assert.rejects(async () => {
        for await (const _ of stream);
      }, OpenAI.APIError);
    });
  });
}

test('embeddings come in base64 by default and are the same as floats', async () => {
  const model = 'up/text-embedding-3-small';
  const packed = await client.embeddings.create({ model, input: ['a', 'b'] });
  const plain = await client.embeddings.create({ model, input: ['a', 'b'], encoding_format: 'float' });
  const sent = JSON.parse(Buffer.from((await world.upstream.requests())[0].body, 'base64'));
  assert.equal(sent.encoding_format, 'base64');
  assert.deepEqual(packed.data.map((d) => Array.from(d.embedding)), plain.data.map((d) => d.embedding));
});

test('models are listed, and retrieved by their percent-encoded id', async () => {
  const ids = async () => (await client.models.list()).data.map((m) => m.id);
  await until(async () => (await ids()).includes('up/gpt-4o'), 'the model is listed');
  assert.equal((await client.models.retrieve('up/gpt-4o')).id, 'up/gpt-4o');
  await assert.rejects(client.models.retrieve('nothing/like-it'), OpenAI.NotFoundError);
});

test('errors have the right class, code, param and request id', async () => {
  const messages = user('hi');
  await assert.rejects(client.chat.completions.create({ model: 'nothing-like-it', messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    assert.ok(error.requestID);
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model: 'up/gpt-4o', messages, min_p: 1 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'min_p');
    return true;
  });
  await world.upstream.next({ fail: 'rate_limit', headers: { 'retry-after': '30' }, times: 3 });
  await assert.rejects(client.chat.completions.create({ model: 'up/gpt-4o-mini', messages }), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError);
    assert.ok(Number(error.headers.get('retry-after')) >= 29);
    return true;
  });
});
