"""Threads that compute: those of one thread of the process are no business of another."""

from threading import Thread

import torch

from metaplay.training.device import one_thread


def test_who_computes_alone_leaves_others_their_threads():
    seen, threads = [], torch.get_num_threads()

    def answer() -> None:
        torch.set_num_threads(3)
        with one_thread():
            seen.append(torch.get_num_threads())
        seen.append(torch.get_num_threads())

    torch.set_num_threads(2)
    answering = Thread(target=answer)
    answering.start()
    answering.join()
    mine = torch.get_num_threads()
    torch.set_num_threads(threads)
    assert (seen, mine) == ([1, 3], 2)
