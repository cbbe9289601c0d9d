// What the page uses of Preact, its hooks, signals and htm (chat/web/static/vendor/ui.js). tsconfig.json puts this in front of the files
// that are served, which carry no types.

export interface Signal<T> {
  value: T;
  peek(): T;
}
export interface ReadonlySignal<T> {
  readonly value: T;
  peek(): T;
}
export type Dispose = () => void;

export function signal<T>(value: T): Signal<T>;
export function computed<T>(compute: () => T): ReadonlySignal<T>;
/** The function may return its clean-up; whatever else it returns is ignored. */
export function effect(run: () => unknown): Dispose;
export function batch<T>(run: () => T): T;
export function untracked<T>(read: () => T): T;
export function useSignal<T>(value: T): Signal<T>;
export function useComputed<T>(compute: () => T): ReadonlySignal<T>;
export function useSignalEffect(run: () => unknown): void;

export interface VNode {
  type: unknown;
  props: Record<string, any>;
}
/** What a component may return. */
export type Node = VNode | string | number | boolean | null | undefined | Node[];
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
export function h(type: unknown, props?: object | null, ...children: unknown[]): VNode;
export function render(node: unknown, parent: Element): void;
export const Fragment: unknown;

export interface Ref<T> {
  current: T;
}
export function createContext<T>(value: T): unknown;
export function createRef<T>(): Ref<T | null>;
export function useCallback<T extends Function>(callback: T, inputs: readonly unknown[]): T;
export function useContext<T>(context: unknown): T;
export function useEffect(run: () => unknown, inputs?: readonly unknown[]): void;
export function useErrorBoundary(caught?: (error: unknown) => void): [unknown, () => void];
export function useId(): string;
export function useLayoutEffect(run: () => unknown, inputs?: readonly unknown[]): void;
export function useMemo<T>(make: () => T, inputs: readonly unknown[]): T;
export function useRef<T>(value: T): Ref<T>;
export function useState<T>(value: T | (() => T)): [T, (value: T) => void];
