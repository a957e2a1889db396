// Stands in for a console of Windows: Ctrl+Break is the event SIGBREAK, and ends a process that does not listen to it.
process.on('SIGUSR2', () => {
  if (process.listenerCount('SIGBREAK') === 0) process.kill(process.pid, 'SIGKILL');
  else process.emit('SIGBREAK', 'SIGBREAK');
});
