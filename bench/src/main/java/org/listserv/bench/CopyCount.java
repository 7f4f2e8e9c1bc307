package org.listserv.bench;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

import org.listserv.bench.FastSink.Taken;

/// Who got one post how often, and whether all got the same. Pure, so that it can be shown to notice what it is there for.
///
/// @param copies  taken in all
/// @param lost    subscribers who got none, some of them by name
/// @param doubles copies beyond a subscriber's first
/// @param strays  copies to others
/// @param altered copies whose content is another than most have
record CopyCount(long copies, long lost, List<String> some, long doubles, long strays, long altered) {

    private static final int SHOWN = 5;

    CopyCount {
        some = List.copyOf(some);
    }

    /// @param taken copies of this post
    static CopyCount of(List<Taken> taken, Collection<String> owed) {
        var subscribers = new HashSet<>(owed);
        var times = new HashMap<String, Integer>();
        var contents = new HashMap<Integer, Long>();
        var strays = 0L;
        for (var copy : taken) {
            if (subscribers.contains(copy.to())) {
                times.merge(copy.to(), 1, Integer::sum);
            } else {
                strays++;
            }
            contents.merge(copy.content(), 1L, Long::sum);
        }
        var lost = owed.stream().filter(subscriber -> !times.containsKey(subscriber)).toList();
        var doubles = times.values().stream().mapToLong(count -> count - 1).sum();
        var most = contents.values().stream().mapToLong(count -> count).max().orElse(0);
        return new CopyCount(taken.size(), lost.size(), lost.stream().limit(SHOWN).toList(), doubles, strays, taken.size() - most);
    }

    /// Nobody forgotten, nobody else served, nobody given something else.
    boolean isWhole() {
        return lost == 0 && strays == 0 && altered == 0;
    }

    boolean isExact() {
        return isWhole() && doubles == 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%d copies, %d lost%s, %d double, %d stray, %d altered", copies, lost,
                some.isEmpty() ? "" : " (" + String.join(", ", some) + (lost > some.size() ? ", ..." : "") + ")", doubles, strays, altered);
    }
}
