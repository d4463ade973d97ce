import { describe, expect, it, vi } from 'vitest';
import { takeWriterLock } from '../../../src/store/writerLock';
import { lockManager } from './lockManager';

describe('the writer’s lock', () => {
  it('is one tab’s at a time, for each project, until released', async () => {
    const locks = lockManager();
    const first = await takeWriterLock('a', { locks });
    expect(first).not.toBeNull();
    expect(await takeWriterLock('a', { locks })).toBeNull();
    expect(await takeWriterLock('b', { locks })).not.toBeNull();
    first!.release();
    await vi.waitFor(async () => expect(await takeWriterLock('a', { locks })).not.toBeNull());
  });

  it('can be taken over; the one who had it hears of it once', async () => {
    const locks = lockManager();
    const onLost = vi.fn();
    await takeWriterLock('a', { locks, onLost });
    const second = await takeWriterLock('a', { locks, takeOver: true });
    expect(second).not.toBeNull();
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce());
    expect(await takeWriterLock('a', { locks })).toBeNull();
  });

  it('is granted where the browser has no locks', async () => {
    expect(await takeWriterLock('a', { locks: undefined })).not.toBeNull();
  });
});
