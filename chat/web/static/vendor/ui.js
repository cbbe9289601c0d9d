// The one import for everything that draws: preact, its hooks, signals, and htm bound to preact's h.

import { h, render, Fragment, createContext, createRef } from "./lib/preact.js";
import {
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState,
} from "./lib/hooks.js";
import { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "./lib/signals.js";
import htm from "./lib/htm.js";

/**
 * Makes a new node each time: htm would cache nodes that never change, and with them the document that they were once
 * a part of.
 */
export const html = htm.bind(function createNode(...args) {
  this[0] = 3; // tells htm not to cache
  return h(...args);
});

export { h, render, Fragment, createContext, createRef };
export { useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState };
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect };
