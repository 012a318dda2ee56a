"""Bodies with joints, moved by MuJoCo: all agents at once, on as many threads as torch has."""

from importlib import import_module
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import numpy as np
import torch

Array = np.ndarray[Any, np.dtype[np.float64]]


class Bodies:
    """One of Gymnasium's MuJoCo models, in as many copies as states are given.

    A state is positions and velocities of the joints and the accelerations that the solver starts from, [B, S] with S = 3 J where
    all joints have one degree of freedom. It is all that decides what follows: what comes of it and of the actions is bit for
    bit what Gymnasium's own environment comes to, on any number of threads.
    """

    def __init__(self, model: str, substeps: int):
        """`model` is the name of a file of Gymnasium's, `substeps` the steps of physics in a time step."""
        self.model, self.substeps = _loaded(model), substeps
        self.joints, self.actions = int(self.model.nq), int(self.model.nu)
        self.seconds = substeps * float(self.model.opt.timestep)
        """What a time step takes."""
        self._batches: dict[int, Any] = {}

    @property
    def initial(self) -> Array:
        """The positions [J] from which a body starts."""
        return self.model.qpos0.copy()

    def step(self, states: Array, actions: Array) -> Array:
        """The states [B, S] that follow from actions [B, A], which are held for a whole time step."""
        batch = self._batch(len(states))
        fields = [batch.bind(name) for name in ("qpos", "qvel", "qacc_warmstart")]
        for field, values in zip(fields, np.split(states, 3, -1), strict=True):
            field[:] = values
        batch.bind("ctrl")[:] = actions
        batch.step(nstep=self.substeps)
        return np.concatenate(fields, -1)

    def _batch(self, copies: int) -> Any:
        if copies not in self._batches:
            batch: Any = import_module("mujoco.batch")
            self._batches[copies] = batch.Batch(self.model, copies, torch.get_num_threads())
        return self._batches[copies]


def _loaded(name: str) -> Any:
    """The compiled model. Its total mass is set as its file says, but by the call that MuJoCo wants: the file's way makes MuJoCo
    write a warning into the folder that it is started from."""
    mujoco: Any = import_module("mujoco")
    tree = ElementTree.fromstring((files("gymnasium.envs.mujoco") / "assets" / name).read_text())
    compiler = tree.find("compiler")
    mass = None if compiler is None else compiler.attrib.pop("settotalmass", None)
    model = mujoco.MjModel.from_xml_string(ElementTree.tostring(tree, "unicode"))
    if mass is not None:
        mujoco.mj_setTotalmass(model, float(mass))
        mujoco.mj_setConst(model, mujoco.MjData(model))
    return model
