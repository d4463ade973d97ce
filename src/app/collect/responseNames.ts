import type { Attachment } from '../../feedback/judgement';
import { kindOf, type MediaKind } from '../../feedback/mediaType';

/** What the responses are called, by where they stand on the screen. */
const NAMES = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth'] as const;

const KINDS: Record<MediaKind, string> = { image: 'The picture', audio: 'The sound', video: 'The film' };

/** Of a single one there is nothing to tell it from, so it is called what it is; `file` is what it shows, where it is no text. */
export const responseName = (place: number, of: number, file?: Attachment): string => (of > 1 ? NAMES[place] : file ? KINDS[kindOf(file.type)] : 'The text');
