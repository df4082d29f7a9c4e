/** Something made anew whenever what it is made of changes, and left when it is replaced or the view goes. */
export class Kept<Made extends { leave(): void }> {
  now = $state.raw<Made | null>(null);

  /** To be called while a component is set up. */
  constructor(make: () => Made | null) {
    $effect(() => {
      const fresh = make();
      this.now = fresh;
      return () => fresh?.leave();
    });
  }
}
