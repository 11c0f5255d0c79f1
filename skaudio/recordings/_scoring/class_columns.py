"""Columns of classes beside other columns."""


def class_columns(classes, others):
    """Name the columns of classes, none of them as another column.

    Parameters
    ----------
    classes : list
        Labels.
    others : collection of str
        The other columns of the table.

    Returns
    -------
    columns : list
        The labels; a class "file" is "file (class)" where "file" is another column.
    """
    names = [str(name) for name in classes]
    taken = {*others, *names}
    columns = []
    for label, name in zip(classes, names, strict=True):
        if name in others:
            while name in taken:
                name += " (class)"
            taken.add(name)
            label = name
        columns.append(label)
    return columns
