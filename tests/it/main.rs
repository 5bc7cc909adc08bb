//! Stories and checks through the public surfaces, one file a feature, in one binary.

#[cfg(test)]
mod access;
#[cfg(test)]
mod anchoring;
#[cfg(test)]
mod anchors_evm;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bars;
#[cfg(test)]
mod benches;
#[cfg(test)]
mod broken_disk;
#[cfg(test)]
mod checkers;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod confined;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod documented;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod downloads;
#[cfg(test)]
mod encodings;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod health;
#[cfg(test)]
mod history_filters;
#[cfg(test)]
mod hostile_clients;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod kept_documents;
#[cfg(test)]
mod kept_folders;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod live;
#[cfg(test)]
mod log_continue;
#[cfg(test)]
mod log_faults;
#[cfg(test)]
mod log_kills;
#[cfg(test)]
mod log_story;
#[cfg(test)]
mod looked_at;
#[cfg(test)]
mod master_key;
#[cfg(test)]
mod methods;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod missing_files;
#[cfg(test)]
mod names_asked;
#[cfg(test)]
mod not_drawn;
#[cfg(test)]
mod paper_cases;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod plain_words;
#[cfg(test)]
mod power_cuts;
#[cfg(test)]
mod private_files;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod rasteriser;
#[cfg(test)]
mod reactions;
#[cfg(test)]
mod read_side;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod redocly;
#[cfg(test)]
mod regions;
#[cfg(test)]
mod report_files;
#[cfg(test)]
mod revoked;
#[cfg(test)]
mod rot;
#[cfg(test)]
mod same_cost;
#[cfg(test)]
mod schemathesis;
#[cfg(test)]
mod second_factors;
#[cfg(test)]
mod second_process;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shares;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod tlog_vectors;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod transparency_log;
#[cfg(test)]
mod typed;
#[cfg(test)]
mod uploads;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod ways_in;
#[cfg(test)]
mod web_app;
#[cfg(test)]
mod witness;
