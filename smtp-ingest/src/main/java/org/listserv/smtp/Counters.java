package org.listserv.smtp;

import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The growing side of [Counts].
final class Counters {

    private final LongAdder sessions = new LongAdder();
    private final LongAdder messages = new LongAdder();
    private final ConcurrentHashMap<Integer, LongAdder> refused = new ConcurrentHashMap<>();

    void session() {
        sessions.increment();
    }

    void message() {
        messages.increment();
    }

    void refusal(int code) {
        refused.computeIfAbsent(code, _ -> new LongAdder()).increment();
    }

    Counts counts(int open) {
        var byCode = new TreeMap<Integer, Long>();
        refused.forEach((code, count) -> byCode.put(code, count.sum()));
        return new Counts(sessions.sum(), open, messages.sum(), byCode);
    }
}
