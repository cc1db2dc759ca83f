// Linked into every program of the release build; jemalloc reads the variable before main.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,background_thread:false,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
