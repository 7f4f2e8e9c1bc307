package org.listserv.web.page;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.listserv.mail.EmailAddress;

/// What stands around a page: the head of the document, the way back up, and the search box that knows where the reader is.
///
/// @param title of the document, most special part first
/// @param language of our own words on it
/// @param relations `link` elements: canonical, prev, next, alternate
/// @param crumbs the way down to here, outermost first; the page itself is its heading and not among them
/// @param finder where the search box asks
/// @param indexed may search engines keep it
public record Frame(String title, String language, List<Relation> relations, List<Crumb> crumbs, Finder finder, boolean indexed) {

    public record Relation(String rel, String href, String type, String title) {}

    public record Crumb(String name, String href) {}

    /// @param action empty: there is none
    /// @param list empty: only all lists can be searched from here
    public record Finder(String action, String list) {}

    public Frame {
        relations = List.copyOf(relations);
        crumbs = List.copyOf(crumbs);
    }

    /// A page of the whole site.
    public static Frame of(Site site, Place place, String... title) {
        var canonical = new Relation("canonical", site.url(place), "", "");
        var words = Stream.concat(Stream.of(title), Stream.of(site.name())).distinct().collect(Collectors.joining(" · "));
        return new Frame(words, "en", List.of(canonical), List.of(), new Finder(new Place.Search().path(), ""), true);
    }

    /// A page of a list.
    public static Frame of(Site site, Place place, EmailAddress list, String... title) {
        var words = Stream.concat(Stream.of(title), Stream.of(list.toString())).toArray(String[]::new);
        return of(site, place, words).crumb("Lists", new Place.Front())
                .with(new Finder(new Place.ListSearch(list).path(), list.toString()));
    }

    public Frame crumb(String name, Place place) {
        return new Frame(title, language, relations, plus(crumbs, new Crumb(name, place.path())), finder, indexed);
    }

    public Frame with(Finder other) {
        return new Frame(title, language, relations, crumbs, other, indexed);
    }

    /// A page with a search box of its own.
    public Frame withoutFinder() {
        return with(new Finder("", ""));
    }

    public Frame relation(String rel, String href) {
        return new Frame(title, language, plus(relations, new Relation(rel, href, "", "")), crumbs, finder, indexed);
    }

    public Frame alternate(String type, String name, Place place) {
        return new Frame(title, language, plus(relations, new Relation("alternate", place.path(), type, name)), crumbs, finder, indexed);
    }

    public Frame notIndexed() {
        return new Frame(title, language, relations, crumbs, finder, false);
    }

    private static <T> List<T> plus(List<T> list, T one) {
        var longer = new ArrayList<>(list);
        longer.add(one);
        return longer;
    }
}
