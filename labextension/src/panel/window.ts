import * as React from 'react';

export const ROW_HEIGHT = 24;
const MARGIN = 12;

/** Which rows of equal height to draw, from the scroll position of the element. */
export interface IWindow {
  ref: React.RefObject<HTMLDivElement>;
  first: number;
  last: number;
  scrollTo: (index: number) => void;
}

/** Rows in sight of a scrolled element, with some above and below; `last` is one past the last. */
export function visibleRange(scrollTop: number, height: number, count: number): [number, number] {
  const first = Math.floor(scrollTop / ROW_HEIGHT) - MARGIN;
  const last = Math.ceil((scrollTop + height) / ROW_HEIGHT) + MARGIN;
  return [Math.max(0, Math.min(first, count)), Math.min(count, Math.max(last, 0))];
}

/** Draw only the rows in sight: a namespace may hold thousands of tables. */
export function useWindow(count: number): IWindow {
  const ref = React.useRef<HTMLDivElement>(null);
  const [view, setView] = React.useState({ top: 0, height: 600 });
  React.useEffect(() => {
    const node = ref.current;
    if (!node) {
      return undefined;
    }
    const measure = (): void => setView({ top: node.scrollTop, height: node.clientHeight || 600 });
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    node.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', measure);
    };
  }, []);
  const scrollTo = React.useCallback((index: number) => {
    const node = ref.current;
    if (node && index * ROW_HEIGHT < node.scrollTop) {
      node.scrollTop = index * ROW_HEIGHT;
    } else if (node && (index + 1) * ROW_HEIGHT > node.scrollTop + node.clientHeight) {
      node.scrollTop = (index + 1) * ROW_HEIGHT - node.clientHeight;
    }
  }, []);
  const [first, last] = visibleRange(view.top, view.height, count);
  return { ref, first, last, scrollTo };
}
