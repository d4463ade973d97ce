import type { Attachment } from 'svelte/attachments';

/** Shows bytes of this device in an element, under an address that lasts as long as the element does. */
export function blobSource(blob: Blob): Attachment<HTMLImageElement | HTMLMediaElement> {
  return (element) => {
    const address = URL.createObjectURL(blob);
    element.src = address;
    return () => URL.revokeObjectURL(address);
  };
}
