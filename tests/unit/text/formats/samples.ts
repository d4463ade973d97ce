import { lines } from './reading';

/** One file of each format, as its tool documents it. */
export const SAMPLES: Record<string, [content: string, formatId: string]> = {
  'TRL, explicit prompt': [lines({ prompt: 'p', chosen: 'c', rejected: 'r' }), 'trl-preference'],
  'TRL, implicit prompt': [lines({ chosen: 'The sky is blue.', rejected: 'The sky is green.' }), 'trl-preference'],
  'TRL, in one list': [JSON.stringify([{ prompt: 'p', chosen: 'c', rejected: 'r' }], null, 2), 'trl-preference'],
  'TRL, unpaired': [lines({ prompt: 'p', completion: 'c', label: true }), 'trl-unpaired'],
  'TRL, prompts': [lines({ prompt: 'p' }), 'prompt-only'],
  HH: [lines({ chosen: '\n\nHuman: hi\n\nAssistant: hello', rejected: '\n\nHuman: hi\n\nAssistant: go' }), 'anthropic-hh'],
  OpenAI: [lines({ info: { post: 'x', title: 't' }, summaries: [{ text: 'a' }, { text: 'b' }], choice: 1, worker: 'w', extra: { confidence: 7 } }), 'openai-comparisons'],
  'Argilla 2': [JSON.stringify([{ fields: { prompt: 'p', response: 'r' }, responses: { quality: [{ value: 4, user_id: 'u' }], marks: [{ value: [{ start: 0, end: 1, label: 'odd' }], user_id: 'u' }] } }]), 'argilla'],
  'Argilla 1': [JSON.stringify([{ fields: { prompt: 'p', response: 'r' }, responses: [{ values: { quality: { value: 4 } }, status: 'submitted', user_id: 'u' }] }]), 'argilla'],
  'Argilla 1, for the Hub': [lines({ prompt: 'p', response: 'r', quality: [{ user_id: 'u', value: 4, status: 'submitted' }] }), 'argilla'],
  'Label Studio': [
    JSON.stringify([
      {
        data: { prompt: 'p', text1: 'a', text2: 'b' },
        annotations: [
          {
            completed_by: 1,
            was_cancelled: false,
            created_at: '2021-03-09T22:16:08Z',
            result: [
              { from_name: 'pw', to_name: 'text1,text2', type: 'pairwise', value: { selected: 'left' } },
              { from_name: 'stars', to_name: 'text1', type: 'rating', value: { rating: 3 } },
              { from_name: 'marks', to_name: 'text2', type: 'labels', value: { start: 0, end: 1, text: 'b', labels: ['odd'] } },
              { from_name: 'topic', to_name: 'text1', type: 'choices', value: { choices: ['x', 'y'] } },
            ],
          },
        ],
      },
    ]),
    'label-studio',
  ],
  'Plain records, responses in a list': [lines({ prompt: 'p', responses: ['a', 'b', 'c'] }), 'plain-record'],
  'Plain records, responses in fields': [lines({ instruction: 'p', output_1: 'a', output_2: 'b', preferred: 2 }), 'plain-record'],
  'Plain records, a conversation': [lines({ messages: [{ role: 'user', content: 'u' }, { role: 'assistant', content: 'a' }] }), 'plain-record'],
  CSV: ['prompt,chosen,rejected\r\np,c,r\r\n', 'csv'],
  'CSV of other names': ['question,answer_a,answer_b,note\r\np,a,b,n\r\n', 'csv'],
  'CSV of a German spreadsheet': ['prompt;chosen;rejected\r\np;c;r\r\n', 'csv'],
};
