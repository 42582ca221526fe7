/* What tools/dew-wasm defines when a program does not import the name from "dew": the host's code for it is left out. */
declare const DEW_WITHOUT_again: 1 | undefined;
declare const DEW_WITHOUT_cookie: 1 | undefined;
declare const DEW_WITHOUT_head: 1 | undefined;
declare const DEW_WITHOUT_memo: 1 | undefined;
declare const DEW_WITHOUT_retry: 1 | undefined;
declare const DEW_WITHOUT_seed: 1 | undefined;
declare const DEW_WITHOUT_store: 1 | undefined;
declare const DEW_WITHOUT_unsettled: 1 | undefined;
