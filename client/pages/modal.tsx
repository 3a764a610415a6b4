import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';

export interface ModalProps {
  readonly open: Signal<boolean>;
  readonly title: string;
  /** Of the button in its corner. */
  readonly closeLabel: string;
  /** Beside the one every dialog has. */
  readonly class?: string;
  readonly onClosed?: (() => void) | undefined;
  /** Made when it opens. @param close ends it. */
  readonly children: (close: () => void) => ComponentChildren;
}

/** A dialog over the page: Esc, its corner and a click beside it close it. */
export function Modal(props: ModalProps) {
  const { open, title, closeLabel, onClosed, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const isOpen = open.value;
  useEffect(() => {
    if (isOpen && dialog.current?.open === false) dialog.current.showModal();
  }, [isOpen]);
  const close = () => dialog.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the dialog element itself closes on Esc.
    <dialog
      class={props.class === undefined ? 'settings' : `settings ${props.class}`}
      ref={dialog}
      aria-labelledby={titleId}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
      onClose={() => {
        open.value = false;
        onClosed?.();
      }}
    >
      {isOpen && (
        <div class="settings-body">
          <header>
            <h2 id={titleId}>{title}</h2>
            <button type="button" class="control" aria-label={closeLabel} onClick={close}>
              <Icon name="close" />
            </button>
          </header>
          {children(close)}
        </div>
      )}
    </dialog>
  );
}
