from skaudio._utils.counts import count, first_names, length_text


def test_counts_and_lengths_in_words():
    shown = [count(1, "event"), count(2, "event"), count(0, "class", "classes")]
    assert shown == ["1 event", "2 events", "0 classes"]
    lengths = [1, 40.2, 59.7, 90, 359, 360, 7.5 * 3600, 4e6]
    assert [length_text(seconds) for seconds in lengths] == [
        *("1 second", "40 seconds", "1.0 minutes", "1.5 minutes", "6.0 minutes"),
        *("0.10 hours", "7.50 hours", "1,111 hours"),
    ]


def test_the_first_of_some_names():
    names = ["a", "b", "c"]
    shown = [first_names(names, n) for n in (1, 2, 3, 9)]
    assert shown == ["a and 2 more", "a, b and 1 more", "a, b, c", "a, b, c"]
