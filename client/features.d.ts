/* What tools/dew-wasm defines when a program does not import the name from "dew": the host's code for it is left out. */
declare const DEW_WITHOUT_again: 1 | undefined;
declare const DEW_WITHOUT_cookie: 1 | undefined;
declare const DEW_WITHOUT_effect_listen: 1 | undefined;
declare const DEW_WITHOUT_effect_timer: 1 | undefined;
declare const DEW_WITHOUT_effects: 1 | undefined;
declare const DEW_WITHOUT_fields: 1 | undefined;
declare const DEW_WITHOUT_head: 1 | undefined;
declare const DEW_WITHOUT_listen: 1 | undefined;
declare const DEW_WITHOUT_markup: 1 | undefined;
declare const DEW_WITHOUT_memo: 1 | undefined;
declare const DEW_WITHOUT_node_do: 1 | undefined;
declare const DEW_WITHOUT_node_emit: 1 | undefined;
declare const DEW_WITHOUT_node_rect: 1 | undefined;
declare const DEW_WITHOUT_retry: 1 | undefined;
declare const DEW_WITHOUT_seed: 1 | undefined;
declare const DEW_WITHOUT_store: 1 | undefined;
declare const DEW_WITHOUT_unsettled: 1 | undefined;
