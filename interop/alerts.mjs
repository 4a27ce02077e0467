// Series of two servers, and the alerts of deploy/monitoring that fire for them.

const ann = [{ instance: "ann" }];

/** One of two servers counts something once, after five minutes. Other counters of the same name do not matter. */
const counts = (counter, end, labels = "", others = "") => ({
  series: { [`${counter}{instance="ann"${labels}}`]: "0x5 3x90", [`${counter}{instance="bo"${others}}`]: others ? "0x5 3x90" : "0x96" },
  fires: { "4m": [], "7m": ann, [end]: [] },
});

/** The values of series, at each interval; and at some times the alerts that fire, by the labels that tell them apart. */
export const FIRE = {
  HeliodorDown: {
    series: { 'up{job="heliodor", instance="ann"}': "1x3 0x9 1x9", 'up{job="heliodor", instance="bo"}': "1x22" },
    fires: { "3m": [], "6m": [{ job: "heliodor", instance: "ann" }], "15m": [] },
  },
  HeliodorConnectionsFell: {
    series: {
      'heliodor_connections{job="small", instance="ann"}': "50x9 0x20",
      'heliodor_connections{job="falls", instance="ann"}': "500x9 0x20",
      'heliodor_connections{job="falls", instance="bo"}': "500x9 300x20",
      'heliodor_connections{job="drains", instance="ann"}': "500x9 0x20",
      'heliodor_connections{job="drains", instance="bo"}': "500x9 950x20",
    },
    fires: { "9m": [], "12m": [{ job: "falls" }], "20m": [] },
  },
  // The first job loses a node, and gets it back after four hours; the second one is replaced node by node.
  HeliodorNodeMissing: {
    series: {
      'heliodor_node_members{job="loses", instance="ann"}': "3x119 2x239 3x60",
      'heliodor_node_members{job="loses", instance="bo"}': "3x119 2x239 3x60",
      'heliodor_node_members{job="loses", instance="cy"}': "3x119 stale _x238 3x60",
      'heliodor_node_members{job="rolls", instance="ann"}': "2x119 3x9 2x290",
      'heliodor_node_members{job="rolls", instance="bo"}': "2x119 3x9 stale",
      'heliodor_node_members{job="rolls", instance="bo2"}': "_x119 3x9 2x290",
    },
    fires: { "124m": [], "127m": [{ job: "loses" }], "355m": [{ job: "loses" }], "362m": [] },
  },
  // The first job has two clusters from the start, the second one loses a node.
  HeliodorNodesSplit: {
    series: {
      'heliodor_node_members{job="islands", instance="ann"}': "1x20 3x20",
      'heliodor_node_members{job="islands", instance="bo"}': "2x20 3x20",
      'heliodor_node_members{job="islands", instance="cy"}': "2x20 3x20",
      'heliodor_node_members{job="loses", instance="ann"}': "3x5 2x40",
      'heliodor_node_members{job="loses", instance="bo"}': "3x5 2x40",
      'heliodor_node_members{job="loses", instance="cy"}': "3x5 stale",
    },
    fires: { "4m": [], "7m": ["ann", "bo", "cy"].map(instance => ({ job: "islands", instance })), "23m": [] },
  },
  HeliodorNodeSuspected: {
    interval: "5s",
    series: { 'heliodor_node_suspects{instance="ann"}': "0x9 1x1 0x90", 'heliodor_node_suspects{instance="bo"}': "0x100" },
    fires: { "45s": [], "2m": [{ instance: "ann" }], "4m": [] },
  },
  HeliodorReadingPaused: {
    interval: "5s",
    series: { 'heliodor_connections_paused{instance="ann"}': "0x9 3x4 0x90", 'heliodor_connections_paused{instance="bo"}': "0x9 3x1 0x90" },
    fires: { "45s": [], "70s": [{ instance: "ann" }], "2m": [] },
  },
  HeliodorMemoryNearLimit: {
    series: { 'heliodor_memory_used_bytes{instance="ann"}': "50x5 74x20 50x9", 'heliodor_memory_limit_bytes{instance="ann"}': "100x40" },
    fires: { "6m": [], "9m": [{ instance: "ann" }], "29m": [] },
  },
  HeliodorHandlerRunsLong: {
    series: { 'heliodor_handlers_oldest_seconds{instance="ann"}': "0x5 9x3 0x9", 'heliodor_handlers_oldest_seconds{instance="bo"}': "5x20" },
    fires: { "6m": [], "8m": ann, "12m": [] },
  },
  HeliodorLoopStalled: counts("heliodor_loops_stalled_total", "12m"),
  HeliodorAcceptsFailed: counts("heliodor_accepts_failed_total", "12m"),
  HeliodorFull: counts("heliodor_requests_refused_total", "12m", ', reason="connections_of_address"', ', reason="unauthorized"'),
  HeliodorDirectMemoryNearLimit: {
    series: {
      'heliodor_memory_direct_used_bytes{instance="ann"}': "50x5 91x4 50x20",
      'heliodor_memory_direct_used_bytes{instance="bo"}': "50x5 89x20",
      'heliodor_memory_direct_limit_bytes{instance="ann"}': "100x30",
      'heliodor_memory_direct_limit_bytes{instance="bo"}': "100x30",
    },
    fires: { "7m": [], "9m": ann, "12m": [] },
  },
  HeliodorOverloaded: {
    series: Object.assign(
      {},
      ...["ann", "bo"].map((name, i) => ({
        [`heliodor_requests_refused_total{instance="${name}", reason="overloaded"}`]: i === 0 ? "0x5 3x90" : "0x96",
        [`heliodor_connections_closed_total{instance="${name}", reason="overloaded"}`]: "0x96",
        [`heliodor_joins_overloaded_total{instance="${name}"}`]: "0x96",
      })),
    ),
    fires: { "4m": [], "7m": ann, "12m": [] },
  },
  HeliodorServerFault: counts("heliodor_connections_closed_total", "17m", ', reason="mailbox_full"', ', reason="client"'),
  HeliodorSlowClients: {
    series: {
      'heliodor_connections_closed_total{instance="ann", reason="slow"}': "0x5 100x30",
      'heliodor_connections_closed_total{instance="bo", reason="slow"}': "0x5 12x30",
      'heliodor_connections{instance="ann"}': "1000x40",
      'heliodor_connections{instance="bo"}': "1000x40",
    },
    fires: { "4m": [], "7m": ann, "17m": [] },
  },
  HeliodorChannelsFail: {
    series: { 'heliodor_channels_failed_total{instance="ann"}': "0+1x20 20x30", 'heliodor_channels_failed_total{instance="bo"}': "0x5 1x50" },
    fires: { "9m": [], "15m": ann, "30m": [] },
  },
  HeliodorJoinsRefused: {
    series: {
      'heliodor_joins_refused_total{instance="ann"}': "0+120x20 2400x30",
      'heliodor_joins_accepted_total{instance="ann"}': "0+60x50",
      'heliodor_joins_refused_total{instance="bo"}': "0+30x50",
      'heliodor_joins_accepted_total{instance="bo"}': "0x50",
    },
    fires: { "9m": [], "19m": ann, "35m": [] },
  },
  HeliodorHandlersWait: {
    series: { 'heliodor_mailbox_messages{instance="ann"}': "0x5 20000x4 0x20", 'heliodor_mailbox_messages{instance="bo"}': "0x5 20000x1 0x20" },
    fires: { "7m": [], "9m": ann, "12m": [] },
  },
  HeliodorHistoryLost: counts("heliodor_history_missed_total", "17m"),
  HeliodorHistoriesDropped: {
    series: { 'heliodor_histories_dropped_total{instance="ann"}': "0+1x50 50x40", 'heliodor_histories_dropped_total{instance="bo"}': "0x5 1x90" },
    fires: { "29m": [], "40m": ann, "65m": [] },
  },
  HeliodorCertificateFailed: counts("heliodor_certificates_failed_total", "70m"),
  HeliodorObservationsDropped: counts("heliodor_observations_dropped_total", "17m"),
  HeliodorAuditLeftOut: counts("heliodor_audit_left_out_total", "17m"),
  HeliodorNodeDetours: {
    series: { 'heliodor_node_detours{instance="ann"}': "0x5 1x9 0x20", 'heliodor_node_detours{instance="bo"}': "0x5 1x3 0x20" },
    fires: { "10m": [], "13m": ann, "20m": [] },
  },
  HeliodorNodeSessionsBreak: {
    series: {
      'heliodor_node_sessions_overflowed_total{instance="ann"}': "0x5 1x30",
      'heliodor_node_sessions_stalled_total{instance="ann"}': "0x40",
      'heliodor_node_sessions_overflowed_total{instance="bo"}': "0x40",
      'heliodor_node_sessions_stalled_total{instance="bo"}': "0x5 1x30",
    },
    fires: { "4m": [], "7m": [...ann, { instance: "bo" }], "17m": [] },
  },
  HeliodorNodeMessagesLost: counts("heliodor_node_publish_lost_total", "17m"),
  HeliodorNodeIncompatible: {
    series: {
      'heliodor_node_messages_malformed_total{instance="ann"}': "0x5 1x30",
      'heliodor_node_messages_malformed_total{instance="bo"}': "0x40",
      'heliodor_node_undecodable_total{instance="ann"}': "0x40",
      'heliodor_node_undecodable_total{instance="bo"}': "0x40",
    },
    fires: { "4m": [], "7m": ann, "17m": [] },
  },
  // The leader and its followers agree.
  HeliodorVotesLost: {
    series: {
      'heliodor_node_voters_lost{job="loses", instance="ann"}': "0x5 1x9 0x30",
      'heliodor_node_voters_lost{job="loses", instance="bo"}': "0x5 1x9 0x30",
      'heliodor_node_voters_lost{job="restarts", instance="cy"}': "0x5 1x1 0x30",
    },
    fires: { "7m": [], "9m": [{ job: "loses" }], "17m": [] },
  },
  // The second one has no voters.
  HeliodorVotersNoQuorum: {
    series: {
      'heliodor_node_voters{instance="ann"}': "3x50",
      'heliodor_node_voters_quorum{instance="ann"}': "1x5 0x9 1x30",
      'heliodor_node_voters{instance="bo"}': "0x50",
      'heliodor_node_voters_quorum{instance="bo"}': "0x50",
    },
    fires: { "6m": [], "8m": ann, "17m": [] },
  },
  HeliodorVotersNoLeader: {
    series: {
      'heliodor_node_voters_quorum{instance="ann"}': "1x50",
      'heliodor_node_voters_led{instance="ann"}': "1x5 0x9 1x30",
      'heliodor_node_voters_quorum{instance="bo"}': "0x50",
      'heliodor_node_voters_led{instance="bo"}': "0x50",
    },
    fires: { "6m": [], "8m": ann, "17m": [] },
  },
  HeliodorVotersLag: {
    series: { 'heliodor_node_voters_lag{instance="ann"}': "0x5 90x9 0x30", 'heliodor_node_voters_lag{instance="bo"}': "0x5 90x3 0x30" },
    fires: { "10m": [], "12m": ann, "17m": [] },
  },
  HeliodorVotersOtherList: {
    series: { 'heliodor_node_voters_other_list{instance="ann"}': "0x5 1x20 0x30", 'heliodor_node_voters_other_list{instance="bo"}': "0x5 1x9 0x40" },
    fires: { "20m": [], "23m": ann, "28m": [] },
  },
  HeliodorVotersOtherLog: {
    interval: "5s",
    series: { 'heliodor_node_voters_other_log{instance="ann"}': "0x9 1x1 0x90", 'heliodor_node_voters_other_log{instance="bo"}': "0x100" },
    fires: { "45s": [], "2m": ann, "4m": [] },
  },
  HeliodorVoterDiskFailed: {
    series: { 'heliodor_node_voters_disk_failed{instance="ann"}': "0x5 1x9 0x30", 'heliodor_node_voters_disk_failed{instance="bo"}': "0x50" },
    fires: { "4m": [], "7m": ann, "17m": [] },
  },
  HeliodorVoterFilesLost: {
    series: { 'heliodor_node_voters_files_lost{instance="ann"}': "0x5 1x9 0x30", 'heliodor_node_voters_files_lost{instance="bo"}': "0x5 1x2 0x30" },
    fires: { "10m": [], "12m": ann, "17m": [] },
  },
};
