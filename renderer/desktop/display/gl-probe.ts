export async function probeGraphics(): Promise<{
  environment: Record<string, string>;
  gpu: boolean;
}> {
  return { environment: { LIBGL_ALWAYS_SOFTWARE: '1' }, gpu: false };
}
