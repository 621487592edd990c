/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every bound of telltale, in one place.  Sizes are bytes unless the name says otherwise.  What happens at a bound is said at
 * the function that keeps it; "not inspected" is always reported.
 */
#ifndef TT_BASE_LIMITS_H
#define TT_BASE_LIMITS_H

#define TT_KIB ((size_t) 1024)
#define TT_MIB (1024 * TT_KIB)

/* base */
#define TT_BUF_FIRST ((size_t) 256)       /* first capacity of a buffer */
#define TT_ARENA_CHUNK_MIN (4 * TT_KIB)   /* first chunk of an arena */
#define TT_ARENA_CHUNK_MAX (256 * TT_KIB) /* ordinary chunks grow to this */

/* json */
#define TT_JSON_DEPTH_MAX 512         /* nesting; one bit of state a level */
#define TT_JSON_PATH_MAX (4 * TT_KIB) /* printed path of a field; a longer one ends in "…" */
#define TT_NODE_DEPTH_MAX 8           /* nesting of a file that people write, read as a tree */
#define TT_NODE_MEMBERS_MAX 1024      /* names in one object of it */

/* catalog */
#define TT_CATALOG_FILE_MAX (1 * TT_MIB)   /* bytes of a file of additions; a larger one is refused */
#define TT_CATALOG_ARENA_MAX (64 * TT_MIB) /* memory for all additions */
#define TT_CATALOG_NAME_MAX 512            /* bytes of a model's name or a host; a longer one is nobody's */
#define TT_CATALOG_FILES_MAX 1000          /* files of one folder of additions; more are refused */

/* scan: windows over text of any length */
#define TT_WINDOW_SIZE (1 * TT_MIB)            /* bytes of one input held at once */
#define TT_WINDOW_AHEAD (64 * TT_KIB)          /* context kept after the part that is searched */
#define TT_WINDOW_BEHIND (4 * TT_KIB)          /* context kept before it */
#define TT_SCAN_CHUNK (256 * TT_KIB)           /* one read from a file */
#define TT_DECODED_PIECE (64 * TT_KIB)         /* UTF-8 that another encoding is decoded to at once */
#define TT_SNIFF_SIZE (64 * TT_KIB)            /* what is read before the kind of an input is decided */
#define TT_SCAN_FINDINGS_MAX 10000             /* findings kept of one file; the rest is counted and reported as not listed */
#define TT_SCAN_FILE_ARENA (8 * TT_MIB)        /* memory for the words of one file's findings */
#define TT_SCAN_HELD_MAX (16 * TT_MIB)         /* of results that wait for their turn; beyond, no further input is begun */
#define TT_SCAN_NOTES_MAX 64                   /* places of one file that are reported as not inspected */
#define TT_SCAN_AHEAD 64                       /* inputs in work or waiting for their turn to be reported */
#define TT_WALK_DEPTH_MAX 128                  /* directories inside directories */
#define TT_WALK_NAMES_BYTES_MAX (256 * TT_MIB) /* names of one directory */
#define TT_IGNORE_FILE_MAX (256 * TT_KIB)      /* bytes of a .gitignore file; a larger one is not obeyed, and reported */
#define TT_IGNORE_PATTERNS_MAX 10000           /* patterns of such a file; the same */
#define TT_IGNORE_PATH_MAX 4096                /* bytes of a path that its patterns are compared with */
#define TT_GIT_INDEX_MAX (64 * TT_MIB)         /* bytes of a git index; of a larger one no name is known, and that is reported */
#define TT_GIT_NAMES_MAX (32 * TT_MIB)         /* bytes of the names in it; the same */
#define TT_GIT_NAME_MAX ((size_t) 4096)        /* bytes of one name; the same */
#define TT_ARCHIVE_URI_MAX (512 * TT_KIB)      /* of an entry: the longest path, and a name of each depth */
#define TT_ARCHIVE_DEPTH_MAX 3                 /* archives inside archives; deeper ones are not opened, and reported */
#define TT_ARCHIVE_ENTRIES_MAX 1000000         /* of one input, at all depths; behind the last, reading ends and is reported so */
#define TT_ARCHIVE_BYTES_MAX ((uint64_t) 1 << 40) /* that come out of one input; the same */
#define TT_ARCHIVE_BYTES_FREE (64 * TT_MIB)       /* that may come out of any, however small it is; ... */
#define TT_ARCHIVE_RATIO_MAX 256                  /* ... beyond, for each byte that went in; the same */
#define TT_ARCHIVE_NAME_MAX (4 * TT_KIB)          /* of an entry; a longer one is cut */
#define TT_BINARY_RUN_MIN 6                       /* characters of text inside a binary; fewer are noise */
#define TT_ESCAPE_LEVELS 3                        /* rounds of decoding escapes inside escapes */
#define TT_JOBS_MAX 64                            /* worker threads */

/* inspect */
#define TT_INSPECT_STRETCH (32 * TT_MIB) /* of a file that is held at once; longer ones are read in parts */
#define TT_INSPECT_AHEAD (1 * TT_MIB)    /* of the next part, held as context */
#define TT_INSPECT_TOTAL_MAX \
    ((uint64_t) 4096 * TT_MIB)                   /* bytes of a package, unpacked; what is beyond is reported as not inspected */
#define TT_INSPECT_WORK_MAX ((uint64_t) 1 << 34) /* bytes touched in search of hidden lists in a package; the same */
#define TT_INSPECT_FINDINGS_MAX 10000            /* kept of one package; more are counted and reported as not listed */
#define TT_INSPECT_FOUND (64 * TT_MIB)           /* memory for their words */
#define TT_INSPECT_NOTES_MAX 10000               /* places of a package that are reported as not inspected; more are counted */
#define TT_INSPECT_NOTES_ROOM (8 * TT_MIB)       /* of the same memory, kept free for these */
#define TT_INSPECT_SCRATCH (64 * TT_MIB)         /* memory of a detector while it looks at a part of a file */
#define TT_INSPECT_LIST_MAX (16 * TT_KIB)  /* bytes of a list of literals whose decodings are tried; what follows is left out */
#define TT_INSPECT_SHOWN_MAX (16 * TT_KIB) /* of a decoded list that a finding shows */
#define TT_INSPECT_RULES_MAX (4 * TT_MIB)  /* bytes of a file of YARA rules; a larger one is refused */
#define TT_ASAR_HEADER_MAX (64 * TT_MIB)   /* bytes of an asar archive's list of files; a longer one is refused */
#define TT_ASAR_ENTRIES_MAX 1000000        /* files in it; the same */

/* marks */
#define TT_FACTS_MAX 16                    /* facts of one finding */
#define TT_RUN_MAX (16 * TT_KIB)           /* characters of one hidden run that are decoded */
#define TT_NORMAL_BYTES (32 * TT_KIB)      /* of a paragraph whose normal forms are compared */
#define TT_TWIN_BYTES_MAX (32 * TT_KIB)    /* text whose look-alike letters are read together */
#define TT_FIELD_LOOK_LEAST 16             /* bytes of a field for which any channel is asked so */
#define TT_OPAQUE_FIELD_MAX (256 * TT_KIB) /* bytes of a string that are searched for identifiers */
#define TT_FIELD_IDLE_MAX 16               /* bytes of a string in which all that is left to find would show by single bytes */
#define TT_FIELD_LOOK_MIN 128              /* bytes of a field that a channel may look at without a waking character */
#define TT_DECODED_MAX (4 * TT_KIB)        /* bytes of a decoded payload that are kept */
#define TT_MARKS_ARENA (8 * TT_MIB)        /* scratch of the channels for one position */
#define TT_EXCERPT_BYTES (8 * TT_KIB)      /* a message's excerpt, with every mark made visible */
#define TT_DATELINE_NAMES_MAX 4096         /* names of a list file of the date-line codec; more are refused */
#define TT_DATELINE_LIST_MAX (1 * TT_MIB)  /* bytes of such a file */
#define TT_MARKS_FILE_MAX (64 * TT_MIB)    /* bytes of a text given to `marks decode` or `marks normalise` */
#define TT_URL_MAX (4 * TT_KIB)            /* bytes of a base URL given to the date-line codec */
#define TT_FACT_POINTS_MAX 64              /* characters that a fact of code points lists */
#define TT_FACT_HEX_MAX 256                /* bytes that a fact in hexadecimal shows */
#define TT_EXCERPT_POINTS 60               /* code points of context on each side of a mark in a message */

/* marks: template sites over documents */
#define TT_JSON_FORM_BITS ((size_t) 4096)   /* choices of spelling that are kept of one document */
#define TT_JSON_FORM_EXCERPT ((size_t) 640) /* bytes of the line that shows the first mixed choice */
#define TT_SITE_SENTENCE_MAX ((size_t) 512) /* bytes of one sentence; a longer one is cut into several */
#define TT_SITE_FIELD_MIN ((size_t) 16)     /* bytes of a string in which a template is looked for */
#define TT_SITE_NAMES_UNIQUE 32             /* first names of an object among which one that comes twice is noticed */
#define TT_SITE_NAMES_TEXT 104              /* bytes of the names of an object that a person is shown */
#define TT_SITE_LAYOUT_TEXT 64              /* bytes of white space in a container that a person is shown */
#define TT_SITE_HELD 64                     /* forms that are kept of a document until it is known to be a request */
#define TT_SITE_TRIES 512                   /* objects and numbers at its beginning that are looked at for these */
#define TT_SITE_COUNTS 1024                 /* templates whose uses in one document are told apart */
#define TT_SITES_INPUT_MAX ((size_t) 2048)  /* forms that are kept of one input, ... */
#define TT_SITES_INPUT_BYTES (512 * TT_KIB) /* ... and their samples; what is over is not compared */
#define TT_SITES_MAX ((size_t) 32768)       /* the same over all inputs */
#define TT_SITES_BYTES (12 * TT_MIB)
#define TT_SITE_FORMS_MAX 64 /* forms of one site that are reported */

/* marks: learned sites */
#define TT_LEARNED_FILE_MAX (1 * TT_MIB)    /* bytes of a description; a larger one is refused */
#define TT_LEARNED_FILES_MAX 16             /* descriptions of one run; the same */
#define TT_LEARNED_SITES_MAX ((size_t) 256) /* sites of all of them; the same */
#define TT_LEARNED_SYMBOLS_MAX 64           /* of one site; the same */
#define TT_LEARNED_WORDS_MAX 64             /* factors of one site, and conditions of one symbol; the same */
#define TT_LEARNED_TEXT_MAX ((size_t) 256)  /* bytes of a text in it; the same */
#define TT_LEARNED_ARENA (16 * TT_MIB)      /* memory of all descriptions */
#define TT_LEARNED_REACH (2 * TT_KIB)       /* of a window's context that is searched for sites that begin or end there */

/* text */
#define TT_ENCODED_FILE_MAX (64 * TT_KIB)    /* plain files up to here are searched for base64 and its like */
#define TT_ENCODED_MAX (64 * TT_KIB)         /* characters of base64 that are decoded as one piece; a multiple of 4 */
#define TT_VALUE_BYTES_MAX (2 * TT_KIB)      /* a typed value; a longer token is none */
#define TT_SKELETON_TEXT_MAX ((size_t) 8192) /* characters of a text whose skeleton is made; of longer ones nothing is said */

/* traffic */
#define TT_ROUTE_MODEL_MAX 256 /* bytes of a model's name in a path; a longer one is no known call */

/* policy */
#define TT_POLICY_BYTES_MAX (1 * TT_MIB)  /* of a policy file; a larger one is refused */
#define TT_POLICY_DEPTH_MAX 8             /* maps and lists inside each other; the same */
#define TT_POLICY_EVENTS_MAX 10000        /* of the YAML reader; the same */
#define TT_POLICY_SCALAR_MAX (4 * TT_KIB) /* bytes of one value; the same */
#define TT_POLICY_FLOW_MAX 16             /* items of a list in brackets; the same */
#define TT_POLICY_TEXT_MAX 400            /* characters of a text */
#define TT_POLICY_PROBLEMS_MAX 20         /* errors of one file that are listed */
#define TT_POLICY_ARENA (64 * TT_MIB)     /* memory of one policy, its tree and its errors */
#define TT_POLICY_SUPERSEDED_MAX 32       /* decisions and rules that one answer lists; the rest is counted */
#define TT_POLICY_MORE_MAX 64             /* values of a subject's facts beyond the first of each; more count as every value */
#define TT_POLICY_DAYS_MAX 3660           /* days of one replay */
#define TT_POLICY_CANONICAL_MAX (16 * TT_MIB) /* bytes of the canonical form */

/* gate: records */
#define TT_RECORD_OUTCOME_MAX (2 * TT_KIB) /* bytes of the record of an outcome; names in it are cut */

/* ledger: rings */
#define TT_RING_SIZE (16 * TT_MIB)       /* data of one ring, unless asked otherwise; a full ring refuses */
#define TT_RING_SIZE_MIN (128 * TT_KIB)  /* holds the longest record */
#define TT_RING_SIZE_MAX (1024 * TT_MIB) /* a file that claims more is refused */
#define TT_RING_RECORD_MAX (64 * TT_KIB) /* bytes of one record; a longer one is refused */
#define TT_RINGS_MAX 256                 /* files of one folder; then no further worker gets one */

/* ledger */
#define TT_LEDGER_KIND_MAX 32                                /* bytes of a row's kind; another one is stored as "other" */
#define TT_LEDGER_ID_MAX 64                                  /* of its id; a record whose id is longer is stored without one */
#define TT_LEDGER_JSON_MAX (2 * TT_RING_RECORD_MAX + TT_KIB) /* of its text: a record that is no JSON is written in hexadecimal */
#define TT_LEDGER_VALUE_MAX 1048576 /* of one value that is read; a file with a larger one is no ledger */
#define TT_LEDGER_PATH_MAX 4096     /* of a file's name */
#define TT_LEDGER_WHY_MAX 1024      /* of what is said about a failure */
#define TT_LEDGER_WAIT 5000         /* milliseconds that a call waits for another process */
#define TT_ACCOUNTS_ROWS \
    16384 /* budgets times weeks or months since the file of accounts was made; then calls are refused as not counted */

/* ledger: the collector */
#define TT_COLLECT_BATCH ((size_t) 4096)        /* records of one transaction */
#define TT_COLLECT_ARENA (16 * TT_MIB)          /* memory for what the collector itself writes in one */
#define TT_COLLECT_WAIT 250                     /* milliseconds that it waits for another process that writes the ledger */
#define TT_COLLECT_RETRY 1000                   /* milliseconds before it tries a ledger again that failed */
#define TT_SPOOL_MAX ((uint64_t) 1024 * TT_MIB) /* bytes of the spool; beyond, records stay in the rings */
#define TT_SPOOL_BUFFER (1 * TT_MIB)            /* of it in memory */

/* gate */
#define TT_GATE_BODY_MAX (1024 * TT_MIB) /* bytes of a body, whatever the route allows */
#define TT_GATE_RATIO 100                /* a compressed body that grows more than so, ... */
#define TT_GATE_RATIO_FREE (1 * TT_MIB)  /* ... and beyond this, is refused */
#define TT_GATE_WINDOW_LOG 23            /* zstd frames that need more memory (8 MiB) are refused: RFC 8878, section 3.1.1.1.2 */
#define TT_GATE_DEPTH_MAX 128            /* nesting of a body; a deeper one is not inspected */
#define TT_GATE_STRINGS_MAX ((uint64_t) 1 << 20) /* strings and names of a body; the same */
#define TT_GATE_EDITS_MAX ((size_t) 1 << 16)     /* edits of a body; the same */
#define TT_GATE_OUTPUT_MAX \
    INT64_C(100000000) /* tokens of an answer that a request may ask for; a larger number is not believed */
#define TT_GATE_FINDINGS_WEIGHED ((uint64_t) 1 << 17) /* findings of a body, reported or not; the same */
#define TT_GATE_MODEL_MAX 512                         /* bytes of a model's name; a longer one is not inspected */
#define TT_GATE_MODELS_MAX 8                          /* models of requests within a body; one with more is not inspected */
#define TT_GATE_SERVERS_MAX 64                        /* tool servers that a body names; one with more is not inspected */
#define TT_GATE_ARENA (4 * TT_MIB)                    /* words of a verdict: paths, findings, messages */
#define TT_GATE_SCRATCH_KEPT (256 * TT_KIB)           /* a buffer that one body made larger is given back */
#define TT_GATE_MEMO_SETS ((size_t) 1 << 12)          /* of 4 strings that were clean: 256 KiB a desk */
#define TT_GATE_MEMO_MIN 128                          /* bytes of a string within a part that is worth remembering by itself */
#define TT_GATE_PARTS_SETS ((size_t) 1 << 15)         /* of 4 parts of bodies that were clean, or runs of them: 4 MiB a desk */
#define TT_GATE_PART_MIN 64                           /* bytes of a part that is worth remembering */
#define TT_GATE_PREFIX_SETS ((size_t) 1 << 9)         /* of 8 beginnings of bodies: 3 MiB a desk */
#define TT_GATE_TRAIL_MAX ((size_t) 1 << 13)          /* steps of a body that are kept: 8 MiB of it */
#define TT_GATE_RUN 8                                 /* parts of a list that are remembered as one, too */
#define TT_GATE_ANSWERS 64                            /* decisions of the policy that a desk remembers, and bills */

/* serve */
#define TT_SERVE_UPSTREAMS_MAX 24                 /* providers of one gateway; more are refused */
#define TT_SERVE_ADDRESSES_MAX 8                  /* of one host name; the rest is not used */
#define TT_SERVE_RATES_MAX 16                     /* different rates in a keys file; more are refused */
#define TT_SERVE_HOST_MAX 253                     /* bytes of a host name; a longer one is refused */
#define TT_SERVE_BASE_MAX 128                     /* bytes of the path of an upstream's URL; the same */
#define TT_SERVE_KEYS_MAX (4 * TT_MIB)            /* bytes of a keys file; the same */
#define TT_SERVE_INCLUDE_MAX (256 * TT_KIB)       /* bytes of a file that is included in nginx's configuration; the same */
#define TT_SERVE_CONFIG_MAX (1 * TT_MIB)          /* of the rendered configuration */
#define TT_SERVE_SAID_MAX (16 * TT_KIB)           /* of what nginx says about a configuration; the rest is cut */
#define TT_SERVE_STATUS_MAX (1 * TT_MIB)          /* of the status file */
#define TT_SERVE_LOG_MAX ((uint64_t) 64 * TT_MIB) /* of nginx's error log, before it is put aside */
#define TT_SERVE_ARENA (4 * TT_MIB)               /* of the settings of a gateway */

/* serve: metrics */
#define TT_METRICS_WORDS_MAX 2048         /* values of labels; more are "other" */
#define TT_METRICS_WORD_BYTES 128         /* bytes of one; a longer one is "other" */
#define TT_METRICS_KINDS 16               /* kinds of labels, each with a bound of its own */
#define TT_METRICS_TEAMS_MAX 256          /* teams that are told apart */
#define TT_METRICS_SETS_MAX 1024          /* label sets of one metric */
#define TT_METRICS_OPEN_MAX 16384         /* requests that wait for their outcome; the oldest is forgotten */
#define TT_METRICS_TEXT_MAX (64 * TT_MIB) /* bytes of the page */

/* probe: what is varied */
#define TT_PROBE_FACTORS_MAX 32 /* factors of one design; more are refused */
#define TT_PROBE_LEVELS_MAX 8   /* levels of one factor; the same */
#define TT_PROBE_SOURCES_MAX 16 /* sources of one level; the same */
#define TT_PROBE_RUNS_MAX 4096  /* runs of one probe; a plan that needs more is refused */
#define TT_PROBE_HITS_MAX 12    /* causes that are confirmed, the strongest first; others are reported as not confirmed */
#define TT_PROBE_HITS_MORE 4    /* more of them, for causes that a reader would not see or that need several factors */
#define TT_PROBE_CROSS_MAX 16   /* cells of crosses that are run beyond those that were there */
#define TT_PROBE_REDUCE_MAX 60  /* runs that reduce unpredicted rows */
#define TT_PROBE_SPLIT_MAX 24   /* runs that name the sources of what is confirmed */
#define TT_PROBE_WANTED_MAX 256 /* cells of one --cross */
#define TT_PROBE_REPORT_MEMORY (64 * TT_MIB) /* of the words of all findings of a probe */
#define TT_PROBE_PLAN_MEMORY (16 * TT_MIB)   /* of a plan and its design */
/* probe: the mock and its captures */
#define TT_PROBE_WALL_MS 60000               /* one run, unless asked otherwise */
#define TT_PROBE_CAPTURE_MAX (256 * TT_MIB)  /* memory of one run's capture; more is a flood */
#define TT_PROBE_BYTES_MAX (64 * TT_MIB)     /* of heads, bodies and hellos of one run; the same */
#define TT_PROBE_EXCHANGES_MAX 1024          /* requests of one run; the same */
#define TT_PROBE_CONTACTS_MAX 4096           /* contacts of one run; the same */
#define TT_PROBE_HEAD_MAX (256 * TT_KIB)     /* head of a request; a longer one is nonsense */
#define TT_PROBE_BODY_MAX (32 * TT_MIB)      /* body of a request, before and after decoding; a longer one is nonsense */
#define TT_PROBE_NAME_MAX 1024               /* of a name that is captured; the rest is cut */
#define TT_PROBE_OUTPUT_MAX (1 * TT_MIB)     /* kept of stdout and stderr each; the rest is read and dropped */
#define TT_PROBE_OUTPUT_FLOOD (256 * TT_MIB) /* of both; beyond, the run ends as a flood */
#define TT_PROBE_RUN_JSON_MAX (128 * TT_MIB) /* of run.json; a larger one is refused */
#define TT_MOCK_LISTENERS_MAX 16             /* of one mock; more are a mistake of the caller */
#define TT_MOCK_CONNECTIONS_MAX 256          /* open at once; for another one that is idle is closed, or else it waits */
#define TT_MOCK_HELD_MAX (128 * TT_MIB)      /* memory of all connections; a client that needs more is a flood */
#define TT_MOCK_READ (64 * TT_KIB)           /* one read from a connection or pipe */
#define TT_MOCK_WAITING_MAX (1 * TT_MIB)     /* of answers that a client does not take; then its requests wait */
#define TT_MOCK_ANSWER_MAX (16 * TT_MIB)     /* of one answer */
#define TT_MOCK_LAYERS_MAX 2                 /* TLS inside TLS: a proxy's, and the target's behind it */
#define TT_MOCK_MODEL_MAX 256                /* bytes of a model's name that an answer repeats; a longer one is not */
#define TT_MOCK_ARGUMENTS_MAX (4 * TT_KIB)   /* of a tool call; with more it has none */
#define TT_MOCK_ARENA (4 * TT_MIB)           /* for what one answer needs */
#define TT_MOCK_TOOL_CALLS_MAX 8             /* tool calls of one run; then answers are text */
#define TT_TLS_HELLO_MAX (16 * TT_KIB)       /* of a ClientHello; a longer one is a failed handshake */
#define TT_TLS_LEAVES_MAX 256                /* certificates of one authority; the oldest is made again */
#define TT_TLS_ROOTS_MAX (16 * TT_MIB)       /* of the system's file of roots; a larger one is left out */
/* probe: the box */
#define TT_BOX_WALL_MS 60000                     /* milliseconds of one run of a client; then it is ended */
#define TT_BOX_LINGER_MS 300                     /* that its processes may go on after it */
#define TT_BOX_NO_LINGER (~0U)                   /* instead of a number of milliseconds */
#define TT_BOX_MEMORY ((uint64_t) 1536 * TT_MIB) /* bytes of all processes of a box; beyond, the run is ended */
#define TT_BOX_DISK ((uint64_t) 512 * TT_MIB)    /* of all files that it writes; then the disk is full */
#define TT_BOX_PROCESSES 512                     /* processes and threads at once; beyond, the run is ended */
#define TT_BOX_DESCRIPTORS 4096                  /* of one process */
#define TT_BOX_MESSAGE_MAX ((size_t) 512)        /* bytes of a sentence about a box that could not be made */
#define TT_BOX_PATH_MAX ((size_t) 4096)          /* of a path in a box; a longer one is refused */
#define TT_BOX_TREES_MAX 64                      /* folders and files of the machine that are shown; more are refused */
#define TT_CLOCK_WAITS_MAX 512 /* threads of a box that wait for a time of day; deadlines of others are the machine's */
#define TT_BOX_FACTS_MAX 16    /* what the doctor looks at */

/* probe: leaves of requests, and what they depend on */
#define TT_LEAF_DEPTH_MAX 128                /* nesting of a body; a deeper one is compared as text */
#define TT_LEAF_NODES_MAX ((size_t) 1 << 18) /* values of a body; the same */
#define TT_LEAF_INSIDE_MAX 3                 /* JSON in strings in JSON ... that is expanded */
#define TT_LEAVES_MAX ((size_t) 1 << 16)     /* leaves of a request; what is over is not compared, and reported */
#define TT_LEAF_PATH_MAX ((size_t) 1024)     /* bytes of a leaf's path; the rest is left out */
#define TT_LEAF_ARENA (256 * TT_MIB)         /* of the leaves of one run */
#define TT_ALIGN_EDITS_MAX 1024 /* edits of two sequences that are searched; beyond, anchors that come once each serve */
#define TT_ALIGN_GAP_MAX 64     /* items of a gap that are paired by likeness; beyond, in order */

#define TT_SENSE_ARENA (1024 * TT_MIB)        /* of all runs, of the table, and of answers: each */
#define TT_SENSE_REQUESTS_MAX 64              /* requests of a run that are compared; more are reported */
#define TT_SENSE_CELLS_MAX ((size_t) 1 << 22) /* parts of all values of one leaf; beyond, its values are compared whole */
#define TT_PROBE_CONFIRM_A 6                  /* runs of the baseline, ... */
#define TT_PROBE_CONFIRM_B 4                  /* ... and of a condition, that confirm its effect */

/* cli */
#define TT_SANDBOX_NAMES_MAX (16 * TT_MIB) /* names of .gitignore files above the paths of a command line; others stay closed */
#define TT_OUTPUT_BUF_MAX (256 * TT_MIB)   /* one finding or one summary, as written */
#define TT_NOT_INSPECTED_MEMORY (16 * TT_MIB) /* names and reasons that a summary lists; the rest is counted there */
#define TT_NOT_INSPECTED_MAX 100000           /* entries of that list */
#define TT_COMPLAINT_MAX (4 * TT_KIB)         /* one message on standard error */

#endif
